import CYAML

/// The events of a text, one by one, as libyaml's parser finds them (yaml.h, "Parser Definitions").
///
/// It owns the parser, which `deinit` frees with all that it holds, and borrows the text: it must not outlive it.
final class EventStream {
    struct Event {
        enum Kind {
            case streamStart, streamEnd, documentStart, documentEnd
            case sequenceStart, sequenceEnd, mappingStart, mappingEnd
            /// With the name of the anchor that it refers to.
            case alias(String)
            case scalar(String, ScalarStyle)
        }

        let kind: Kind
        let mark: Mark
        var anchor: String?
        var tag: String?
    }

    /// At one address for its whole life, since it refers to itself.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeBufferPointer<UInt8>

    /// Of a text in UTF-8, which is not empty.
    init(_ text: UnsafeBufferPointer<UInt8>) throws(YAMLError) {
        self.text = text
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1, let start = text.baseAddress else {
            throw YAMLError("out of memory")
        }
        // Told, not found out: a byte order mark is none of its business.
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, start, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event; after an error or the end of the stream there is none.
    func next() throws(YAMLError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
        defer { yaml_event_delete(&event) }
        return translate(event)
    }

    private func translate(_ event: yaml_event_t) -> Event {
        let mark = Mark(event.start_mark)
        switch event.type {
        case YAML_STREAM_START_EVENT: return Event(kind: .streamStart, mark: mark)
        case YAML_DOCUMENT_START_EVENT: return Event(kind: .documentStart, mark: mark)
        case YAML_DOCUMENT_END_EVENT: return Event(kind: .documentEnd, mark: mark)
        case YAML_ALIAS_EVENT:
            return Event(kind: .alias(string(event.data.alias.anchor) ?? ""), mark: mark)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            // Escapes make NULs that do not end it.
            let value = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let kind = Event.Kind.scalar(value, ScalarStyle(scalar.style))
            return Event(kind: kind, mark: mark, anchor: string(scalar.anchor), tag: string(scalar.tag))
        case YAML_SEQUENCE_START_EVENT:
            let sequence = event.data.sequence_start
            let (anchor, tag) = (string(sequence.anchor), string(sequence.tag))
            return Event(kind: .sequenceStart, mark: mark, anchor: anchor, tag: tag)
        case YAML_SEQUENCE_END_EVENT: return Event(kind: .sequenceEnd, mark: mark)
        case YAML_MAPPING_START_EVENT:
            let mapping = event.data.mapping_start
            let (anchor, tag) = (string(mapping.anchor), string(mapping.tag))
            return Event(kind: .mappingStart, mark: mark, anchor: anchor, tag: tag)
        case YAML_MAPPING_END_EVENT: return Event(kind: .mappingEnd, mark: mark)
        // The end of the stream, and what follows it.
        default: return Event(kind: .streamEnd, mark: mark)
        }
    }

    private func string(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private func string(_ pointer: UnsafePointer<CChar>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    /// What the parser has to say of its last call.
    private var failure: YAMLError {
        guard let problem = string(parser.pointee.problem) else { return YAMLError("out of memory") }
        if parser.pointee.error == YAML_READER_ERROR {
            let mark = Mark(offset: parser.pointee.problem_offset, in: Array(text))
            return YAMLError("not valid YAML: \(problem)", at: mark)
        }
        let sentence = string(parser.pointee.context).map { "\($0), \(problem)" } ?? problem
        return YAMLError("not valid YAML: \(sentence)", at: Mark(parser.pointee.problem_mark))
    }
}

extension ScalarStyle {
    /// The parser leaves none open: what has no quotes and no indicator is plain.
    fileprivate init(_ style: yaml_scalar_style_t) {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: self = .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: self = .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: self = .literal
        case YAML_FOLDED_SCALAR_STYLE: self = .folded
        default: self = .plain
        }
    }
}
