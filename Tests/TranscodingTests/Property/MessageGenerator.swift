import GatewayTesting
import ProtobufSchema
import Testing

/// Makes up messages of a schema that have a JSON form and whose fields are all known.
struct MessageGenerator {
    let schema: Schema
    var scalars: ScalarGenerator
    private var infos: [MessageIndex: [FieldInfo]] = [:]
    /// What an `Any` may hold.
    private let embeddable: [MessageIndex]
    /// Within an `Any`, whose bytes are compared as they are: no map may have two entries, as maps have no order.
    private var isEmbedded = false

    init(schema: Schema, embeddable: [String], seed: UInt64) throws {
        self.schema = schema
        self.embeddable = try embeddable.map { try #require(schema.message(named: $0)) }
        scalars = ScalarGenerator(schema: schema, random: SeededRandom(seed: seed))
    }

    var random: SeededRandom {
        get { scalars.random }
        set { scalars.random = newValue }
    }

    mutating func fields(of message: MessageIndex) -> [FieldInfo] {
        if let known = infos[message] { return known }
        let found = schema.fields(of: message).map { schema[$0] }
        infos[message] = found
        return found
    }

    /// A message with some of its fields; the deeper, the fewer.
    mutating func message(_ type: MessageIndex, depth: Int = 0) -> RandomMessage {
        switch schema.wellKnownType(of: type) {
        case .any: return any(type, depth: depth)
        case .timestamp: return timestamp(type)
        case .duration: return duration(type)
        case .fieldMask: return fieldMask(type)
        case .value: return dynamicValue(type, depth: depth)
        default: break
        }
        let all = fields(of: type)
        let wanted = depth == 0 ? Int.random(in: 0...14, using: &random) : Int.random(in: 0...3, using: &random)
        var chosen = all.filter { $0.cardinality == .required }
        var oneofs: Set<Int> = []
        for info in all.shuffled(using: &random).prefix(wanted) where info.cardinality != .required {
            // Messages end somewhere.
            if depth >= 5, info.kind.isMessage { continue }
            if let oneof = info.oneof, !oneofs.insert(oneof).inserted { continue }
            chosen.append(info)
        }
        var result = RandomMessage()
        for info in chosen.sorted(by: { $0.number < $1.number }) {
            let values = values(of: info, depth: depth)
            if !values.isEmpty { result.fields.append(RandomField(info: info, values: values)) }
        }
        return result
    }

    /// Values of a field, none for the default of a field without presence.
    private mutating func values(of info: FieldInfo, depth: Int) -> [RandomValue] {
        switch info.cardinality {
        case .implicit:
            let value = scalars.value(of: info)
            return value.allSatisfy { $0 == 0 } ? [] : [.scalar(value)]
        case .explicit, .required: return [value(of: info, depth: depth)]
        case .repeated, .packed:
            return (0..<Int.random(in: 0...4, using: &random)).map { _ in value(of: info, depth: depth) }
        case .map:
            return entries(of: info, depth: depth)
        }
    }

    /// One value of a field that has presence, or one element.
    mutating func value(of info: FieldInfo, depth: Int) -> RandomValue {
        guard let child = info.childMessage else { return .scalar(scalars.value(of: info)) }
        return .message(message(child, depth: depth + 1))
    }

    private mutating func entries(of info: FieldInfo, depth: Int) -> [RandomValue] {
        guard let type = info.childMessage else { return [] }
        let entry = fields(of: type)
        var keys: Set<[UInt8]> = []
        var result: [RandomValue] = []
        for _ in 0..<Int.random(in: 0...(isEmbedded ? 1 : 4), using: &random) {
            let key = scalars.value(of: entry[0])
            guard keys.insert(key).inserted else { continue }
            let value = value(of: entry[1], depth: depth)
            let fields = [
                RandomField(info: entry[0], values: [.scalar(key)]), RandomField(info: entry[1], values: [value]),
            ]
            result.append(.message(RandomMessage(fields: fields)))
        }
        return result
    }

    // MARK: - Well-known types

    /// A message of scalars; those that are zero are left out.
    private mutating func message(_ type: MessageIndex, _ numbers: [Int64]) -> RandomMessage {
        var result = RandomMessage()
        for (info, number) in zip(fields(of: type), numbers) where number != 0 {
            let bytes = RandomValue.varint(UInt64(bitPattern: number))
            result.fields.append(RandomField(info: info, values: [.scalar(bytes)]))
        }
        return result
    }

    private mutating func nanos() -> Int64 {
        let unit: Int64 = random.pick([1, 1000, 1_000_000, 1_000_000_000])
        return Int64.random(in: 0..<1_000_000_000, using: &random) / unit * unit
    }

    private mutating func timestamp(_ type: MessageIndex) -> RandomMessage {
        let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
        let edges = [range.lowerBound, range.upperBound, 0, -1, 951_782_400]
        let seconds = random.oneIn(4) ? random.pick(edges) : Int64.random(in: range, using: &random)
        return message(type, [seconds, nanos()])
    }

    private mutating func duration(_ type: MessageIndex) -> RandomMessage {
        let limit: Int64 = 315_576_000_000
        let seconds = random.oneIn(3) ? 0 : random.oneIn(4) ? limit : Int64.random(in: 0...limit, using: &random)
        // The largest duration has no room for a fraction.
        let sign: Int64 = random.oneIn(2) ? 1 : -1
        return message(type, [sign * seconds, seconds == limit ? 0 : sign * nanos()])
    }

    private mutating func fieldMask(_ type: MessageIndex) -> RandomMessage {
        let paths = (0..<Int.random(in: 0...3, using: &random)).map { _ in
            random.pick(["a", "foo_bar", "foo_bar.baz_qux1", "x9.y", "some_long_name_of_a_field"])
        }
        if paths.isEmpty { return RandomMessage() }
        let values = paths.map { RandomValue.scalar(RandomValue.lengthDelimited(Array($0.utf8))) }
        return RandomMessage(fields: [RandomField(info: fields(of: type)[0], values: values)])
    }

    /// A `Value` holds something, and only numbers that JSON has.
    private mutating func dynamicValue(_ type: MessageIndex, depth: Int) -> RandomMessage {
        let kinds = fields(of: type)
        let kind = random.pick(kinds.filter { depth < 5 || !$0.kind.isMessage })
        var value = value(of: kind, depth: depth)
        if kind.kind == .double {
            var number = scalars.double()
            while !number.isFinite { number = scalars.double() }
            value = .scalar(withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) })
        }
        return RandomMessage(fields: [RandomField(info: kind, values: [value])])
    }

    private mutating func any(_ type: MessageIndex, depth: Int) -> RandomMessage {
        if random.oneIn(10) { return RandomMessage() }
        let embedded = random.pick(depth < 4 ? embeddable : Array(embeddable.prefix(1)))
        let fields = fields(of: type)
        let url = "type.googleapis.com/" + schema.name(of: embedded)
        var result = RandomMessage()
        result.fields.append(
            RandomField(info: fields[0], values: [.scalar(RandomValue.lengthDelimited(Array(url.utf8)))])
        )
        let outer = isEmbedded
        isEmbedded = true
        let content = message(embedded, depth: depth + 2)
        isEmbedded = outer
        // SwiftProtobuf leaves "value" out where that has no bytes; the specification leaves it out of no such type.
        if content.fields.isEmpty, schema.wellKnownType(of: embedded).hasOwnForm { return RandomMessage() }
        if !content.fields.isEmpty {
            result.fields.append(RandomField(info: fields[1], values: [.embedded(content)]))
        }
        return result
    }
}
