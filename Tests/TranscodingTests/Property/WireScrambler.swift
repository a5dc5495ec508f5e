import GatewayTesting
import ProtobufSchema

/// Writes a message in ways that no serializer does but every parser must take.
///
/// Fields come in any order, messages in several pieces, values after others that they replace, packed runs split and
/// mixed with single elements, unknown fields in between. Of one field the pieces keep their order, and so do those of
/// one oneof; that is all that a parser goes by (protobuf.dev, "Encoding": last one wins, merging).
struct WireScrambler {
    var generator: MessageGenerator
    /// Whether what an `Any` holds is scrambled too.
    let scramblesEmbedded: Bool

    mutating func scrambled(_ message: RandomMessage, of type: MessageIndex) -> [UInt8] {
        pieces(message, of: type).flatMap { $0 }
    }

    /// The fields of a message, each piece with its tag.
    private mutating func pieces(_ message: RandomMessage, of type: MessageIndex) -> [[UInt8]] {
        var tracks: [[[UInt8]]] = []
        for field in message.fields { tracks.append(track(field, of: type)) }
        for info in generator.fields(of: type) where info.cardinality == .implicit && generator.random.oneIn(30) {
            // A value, and then the default, which takes it away again.
            guard !message.fields.contains(where: { $0.info.number == info.number }) else { continue }
            tracks.append([stale(info), RandomValue.tag(info.number, info.kind.wireType) + zero(info.kind)])
        }
        while generator.random.oneIn(3) { tracks.append([unknown(of: type)]) }
        return interleaved(tracks)
    }

    private mutating func interleaved(_ tracks: [[[UInt8]]]) -> [[UInt8]] {
        // Each track as often as it has pieces, in any order.
        let order = tracks.indices.flatMap { Array(repeating: $0, count: tracks[$0].count) }
        var next = [Int](repeating: 0, count: tracks.count)
        return order.shuffled(using: &generator.random).map { index in
            defer { next[index] += 1 }
            return tracks[index][next[index]]
        }
    }

    /// The pieces of one field, in the order in which a parser must see them.
    private mutating func track(_ field: RandomField, of type: MessageIndex) -> [[UInt8]] {
        let info = field.info
        switch info.cardinality {
        case .implicit, .explicit, .required:
            var track: [[UInt8]] = []
            if generator.random.oneIn(4), let other = otherMember(info, of: type) {
                track.append(stale(info))
                track.append(stale(other))
            } else if generator.random.oneIn(4), !info.kind.isMessage {
                track.append(stale(info))
            }
            track += pieces(field.values[0], of: info)
            // (In a map's entry, parsers do not agree on whether it costs the entry.)
            if isClosedEnum(info), !isEntry(type), generator.random.oneIn(3) {
                // To a parser an unknown field: neither value nor oneof change.
                track.insert(unknownNumber(info), at: generator.random.oneIn(2) ? 0 : track.count)
            }
            return track
        case .repeated, .packed:
            return elements(field)
        case .map:
            return entries(field)
        }
    }

    /// Another field of the same oneof.
    private mutating func otherMember(_ info: FieldInfo, of type: MessageIndex) -> FieldInfo? {
        guard let oneof = info.oneof else { return nil }
        return generator.fields(of: type).filter { $0.oneof == oneof && $0.number != info.number }.randomElement(
            using: &generator.random
        )
    }

    /// One value in one piece or, if it is a message, in several.
    private mutating func pieces(_ value: RandomValue, of info: FieldInfo) -> [[UInt8]] {
        guard case .message(let message) = value, let type = info.childMessage else { return [whole(value, of: info)] }
        let content = pieces(message, of: type)
        guard info.cardinality.isSingular, generator.random.oneIn(2) else {
            return [RandomValue.framed(content.flatMap { $0 }, as: info)]
        }
        let cut = Int.random(in: 0...content.count, using: &generator.random)
        return [content[..<cut], content[cut...]].map { RandomValue.framed($0.flatMap { $0 }, as: info) }
    }

    private mutating func whole(_ value: RandomValue, of info: FieldInfo) -> [UInt8] {
        switch value {
        case .embedded(let message) where scramblesEmbedded:
            // Its type is not at hand here; what does not need it is to turn the fields around.
            let content = message.fields.reversed().flatMap(\.encoded)
            return RandomValue.tag(info.number, .lengthDelimited) + RandomValue.lengthDelimited(content)
        case .message(let message):
            guard let type = info.childMessage else { return [] }
            return RandomValue.framed(scrambled(message, of: type), as: info)
        default: return value.encoded(as: info)
        }
    }

    private mutating func elements(_ field: RandomField) -> [[UInt8]] {
        guard field.info.kind.isPackable else { return field.values.map { whole($0, of: field.info) } }
        var pieces: [[UInt8]] = []
        var rest = field.values[...]
        while !rest.isEmpty || generator.random.oneIn(6) {
            let count = Int.random(in: 0...min(3, rest.count), using: &generator.random)
            if count == 1, generator.random.oneIn(2) {
                pieces.append(rest[rest.startIndex].encoded(as: field.info))
            } else {
                pieces.append(RandomValue.run(Array(rest.prefix(count)), of: field.info))
            }
            rest = rest.dropFirst(count)
            if isClosedEnum(field.info), generator.random.oneIn(4) { pieces.append(unknownNumber(field.info)) }
        }
        return pieces
    }

    /// Entries, some of them after others that have the same key.
    private mutating func entries(_ field: RandomField) -> [[UInt8]] {
        guard let type = field.info.childMessage else { return [] }
        var pieces: [[UInt8]] = []
        for value in field.values {
            guard case .message(let entry) = value else { continue }
            if generator.random.oneIn(4), let last = entry.fields.last {
                var stale = entry
                stale.fields[stale.fields.count - 1].values = [generator.value(of: last.info, depth: 4)]
                let place = Int.random(in: 0...pieces.count, using: &generator.random)
                pieces.insert(RandomValue.framed(stale.encoded, as: field.info), at: place)
            }
            var parts = entry
            // Key and value are zero where an entry does not have them.
            parts.fields.removeAll { field in
                guard case .scalar(let bytes) = field.values[0] else { return false }
                return bytes.allSatisfy { $0 == 0 } && generator.random.oneIn(2)
            }
            pieces.append(RandomValue.framed(scrambled(parts, of: type), as: field.info))
        }
        return pieces
    }

    // MARK: - What a parser passes over

    /// A value that something after it replaces.
    private mutating func stale(_ info: FieldInfo) -> [UInt8] {
        generator.value(of: info, depth: 4).encoded(as: info)
    }

    private func zero(_ kind: FieldKind) -> [UInt8] {
        switch kind.wireType {
        case .fixed64: [UInt8](repeating: 0, count: 8)
        case .fixed32: [UInt8](repeating: 0, count: 4)
        default: [0]
        }
    }

    private func isClosedEnum(_ info: FieldInfo) -> Bool {
        info.childEnum.map { generator.schema[$0].isClosed } ?? false
    }

    /// Whether `type` is that of a map's entries, by the name that protoc gives it.
    private func isEntry(_ type: MessageIndex) -> Bool { generator.schema.name(of: type).hasSuffix("Entry") }

    private func unknownNumber(_ info: FieldInfo) -> [UInt8] {
        RandomValue.tag(info.number, .varint) + RandomValue.varint(77)
    }

    /// A field that the schema does not have, or has with another wire type.
    private mutating func unknown(of type: MessageIndex) -> [UInt8] {
        var number = Int32.random(in: 30_000...40_000, using: &generator.random)
        var kind = generator.random.pick([WireType.varint, .fixed32, .fixed64, .lengthDelimited, .startGroup])
        // In a map's entry, SwiftProtobuf loses its place at a key or value of another wire type.
        let fields = isEntry(type) ? [] : generator.fields(of: type)
        if generator.random.oneIn(2), let info = fields.randomElement(using: &generator.random) {
            let isTakenAnyhow = kind == .lengthDelimited && !info.cardinality.isSingular
            if kind != info.kind.wireType, !isTakenAnyhow { number = info.number } else { kind = .varint }
        }
        let payload: [UInt8] =
            switch kind {
            case .varint: RandomValue.varint(generator.random.next())
            case .fixed32: [1, 2, 3, 4]
            case .fixed64: [1, 2, 3, 4, 5, 6, 7, 8]
            case .lengthDelimited: [3, 0xFF, 0xFE, 0]
            case .startGroup, .endGroup: [0x08, 1, 0x13, 0x14] + RandomValue.tag(number, .endGroup)
            }
        return RandomValue.tag(number, kind) + payload
    }
}
