import CYAML

/// Writes one YAML document, value by value, as libyaml lays it out: blocks, indented by two spaces, lines never folded.
///
/// Values come in the order of the text, each mapping and sequence between its begin and its end, a mapping's keys before
/// their values. It owns libyaml's emitter, which `deinit` frees with all that it holds.
package final class Emitter {
    private let emitter: UnsafeMutablePointer<yaml_emitter_t>
    private var text: [UInt8] = []

    package init() throws(YAMLError) {
        emitter = .allocate(capacity: 1)
        emitter.initialize(to: yaml_emitter_t())
        guard yaml_emitter_initialize(emitter) == 1 else { throw YAMLError("out of memory") }
        let context = Unmanaged.passUnretained(self).toOpaque()
        yaml_emitter_set_output(emitter, { Emitter.take($0, $1, $2) }, context)
        yaml_emitter_set_encoding(emitter, YAML_UTF8_ENCODING)
        yaml_emitter_set_width(emitter, -1)
        yaml_emitter_set_unicode(emitter, 1)
        try emit { yaml_stream_start_event_initialize(&$0, YAML_UTF8_ENCODING) }
        try emit { yaml_document_start_event_initialize(&$0, nil, nil, nil, 1) }
    }

    deinit {
        yaml_emitter_delete(emitter)
        emitter.deallocate()
    }

    /// Writes a scalar in `style`, or in quotes where that cannot hold it.
    ///
    /// What a plain scalar is, its readers decide: ``ImplicitType`` says what they take for a string.
    package func scalar(_ text: String, _ style: ScalarStyle) throws(YAMLError) {
        guard let count = Int32(exactly: text.utf8.count) else { throw YAMLError("the text is too long") }
        try emit { event in
            text.withCString(encodedAs: UTF8.self) {
                yaml_scalar_event_initialize(&event, nil, nil, $0, count, 1, 1, Self.style(style))
            }
        }
    }

    package func beginSequence() throws(YAMLError) {
        try emit { yaml_sequence_start_event_initialize(&$0, nil, nil, 1, YAML_BLOCK_SEQUENCE_STYLE) }
    }

    package func endSequence() throws(YAMLError) { try emit { yaml_sequence_end_event_initialize(&$0) } }

    package func beginMapping() throws(YAMLError) {
        try emit { yaml_mapping_start_event_initialize(&$0, nil, nil, 1, YAML_BLOCK_MAPPING_STYLE) }
    }

    package func endMapping() throws(YAMLError) { try emit { yaml_mapping_end_event_initialize(&$0) } }

    /// Ends the document and gives its text.
    package func finish() throws(YAMLError) -> String {
        try emit { yaml_document_end_event_initialize(&$0, 1) }
        try emit { yaml_stream_end_event_initialize(&$0) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Makes an event and writes what can be written then; libyaml frees the event, whatever comes of it.
    private func emit(_ make: (inout yaml_event_t) -> Int32) throws(YAMLError) {
        var event = yaml_event_t()
        guard make(&event) == 1 else { throw YAMLError("out of memory") }
        let status = withExtendedLifetime(self) { yaml_emitter_emit(emitter, &event) }
        guard status == 1 else {
            throw YAMLError(emitter.pointee.problem.map { String(cString: $0) } ?? "out of memory")
        }
    }

    /// Takes what is written, called by `emit` alone, in which the emitter is alive.
    private static func take(
        _ context: UnsafeMutableRawPointer?,
        _ bytes: UnsafeMutablePointer<UInt8>?,
        _ count: Int
    ) -> Int32 {
        guard let context else { return 0 }
        let emitter = Unmanaged<Emitter>.fromOpaque(context).takeUnretainedValue()
        emitter.text += UnsafeBufferPointer(start: bytes, count: count)
        return 1
    }

    private static func style(_ style: ScalarStyle) -> yaml_scalar_style_t {
        switch style {
        case .plain: YAML_PLAIN_SCALAR_STYLE
        case .singleQuoted: YAML_SINGLE_QUOTED_SCALAR_STYLE
        case .doubleQuoted: YAML_DOUBLE_QUOTED_SCALAR_STYLE
        case .literal: YAML_LITERAL_SCALAR_STYLE
        case .folded: YAML_FOLDED_SCALAR_STYLE
        }
    }
}
