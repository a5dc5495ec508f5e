import Bytes
import Foundation
import GatewayTesting
import HTTPRules
import ProtobufSchema
import Testing

@testable import Transcoding

/// Any bytes at all are an answer or an error, and soon; inputs are seeded, so a failure comes again.
@Suite
struct RobustnessTests {
    let transcodings: Transcodings

    init() throws {
        transcodings = try Transcodings()
    }

    /// A message with something of every kind.
    static let rich = #"""
        {"doubleValue":0.1,"floatValue":-2.5,"int64Value":"-5","int32Value":300,"fixed32Value":9,"boolValue":true,
        "stringValue":"h\u00e9llo \"you\"","bytesValue":"AQIDBA==","level":"LEVEL_FAR","inner":{"label":"x","counts":[1,2,300],
        "inner":{"notes":{"a":"b","c":"d"}}},"maybeInt32":0,"doubles":[1,2.5,"NaN"],"sint64s":["-1","2"],"strings":["a",""],
        "inners":[{"label":"1"},{"number":2}],"arguments":{"k":"v","l":"w"},"innersByNumber":{"1":{"label":"z"}},
        "innerChoice":{"number":4},"time":"2026-03-03T12:34:56.789Z","duration":"-1.5s",
        "any":{"@type":"t/sample.v1.Inner","label":"in any"},"status":{"code":3,"details":[{"@type":"t/google.protobuf.Duration",
        "value":"3s"}]},"mask":"a.bC","structure":{"a":[1,"x",null,{"b":true}]},"boxedInt64":"7","anys":[{}],"farAway":1}
        """#

    private func mutate(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var copy = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !copy.isEmpty {
            let index = copy.indices.randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<4, using: &random) {
            case 0: copy[index] = UInt8.random(in: 0...255, using: &random)
            case 1: copy[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: copy.remove(at: index)
            default:
                let end = min(copy.count, index + Int.random(in: 1...16, using: &random))
                copy.insert(contentsOf: copy[index..<end], at: copy.indices.randomElement(using: &random) ?? 0)
            }
        }
        return copy
    }

    @Test
    func everyTruncatedMessageIsReadOrRefused() throws {
        let wire = try transcodings.wire(RobustnessTests.rich)
        let whole = try transcodings.json(wire)
        var refused = 0
        for count in 0..<wire.count {
            guard let json = try? transcodings.json(Array(wire[..<count])) else {
                refused += 1
                continue
            }
            // Cut between two fields, or two elements.
            #expect(whole.hasPrefix(json.dropLast(2)))
        }
        #expect(refused > wire.count / 2)
    }

    @Test
    func mutatedMessagesAreReadOrRefused() throws {
        let wire = try transcodings.wire(RobustnessTests.rich)
        var random = SeededRandom(seed: 42)
        for _ in 0..<5000 {
            let mutated = mutate(wire, &random)
            guard let json = try? transcodings.json(mutated, options: JSONOptions()) else { continue }
            // Whatever is printed is JSON, with each key once.
            #expect(isJSON(Array(json.utf8)), "\(mutated)")
            _ = StatusDetails(mutated)
        }
    }

    /// Fields in any order, repeated and in pieces, come out as they would from a sorted message.
    @Test
    func shuffledMessagesAreTheSameMessage() throws {
        let wire = try transcodings.wire(RobustnessTests.rich)
        let expected = try transcodings.json(wire)
        var fields: [[UInt8]] = []
        try wire.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            while !reader.isAtEnd {
                let start = reader.position
                let tag = try reader.readTag()
                try reader.skip(tag)
                fields.append(Array(UnsafeRawBufferPointer(start: start, count: reader.position - start)))
            }
        }
        var random = SeededRandom(seed: 7)
        for _ in 0..<200 {
            // Elements of one repeated field keep their order; here, those that start with the same tag.
            let shuffled = fields.shuffled(using: &random)
            var result: [[UInt8]] = []
            for field in shuffled where !result.contains(field) {
                result += fields.filter { $0.prefix(2) == field.prefix(2) && !result.contains($0) }
            }
            #expect(try transcodings.json(result.flatMap { $0 }) == expected)
        }
    }

    @Test
    func everyTruncatedBodyIsRefused() throws {
        let json = Array(RobustnessTests.rich.utf8)
        // An empty body is the empty message.
        for count in 1..<json.count {
            #expect(throws: TranscodingError.self) { try transcodings.wire(bytes: Array(json[..<count])) }
        }
    }

    @Test
    func mutatedBodiesAreReadOrRefused() throws {
        let json = Array(RobustnessTests.rich.utf8)
        var random = SeededRandom(seed: 1)
        for round in 0..<5000 {
            let mutated = mutate(json, &random)
            guard let wire = try? transcodings.wire(bytes: mutated, ignoresUnknownFields: round % 2 == 0) else {
                continue
            }
            // What was accepted is JSON, and what was written can be printed.
            #expect(isJSON(mutated))
            #expect(throws: Never.self) { try transcodings.json(wire) }
        }
    }

    @Test
    func mutatedQueriesAreReadOrRefused() throws {
        let query = Array(
            "inner.label=x%20y&int32s=1&int32s=2&arguments[k]=v&time=2026-01-01T00:00:00Z&level=high&mask=a.bC".utf8
        )
        var random = SeededRandom(seed: 3)
        for _ in 0..<5000 {
            let mutated = String(decoding: mutate(query, &random), as: UTF8.self)
            guard let wire = try? transcodings.wire("", binding: .none, query: mutated) else { continue }
            #expect(throws: Never.self) { try transcodings.json(wire) }
        }
    }

    private func isJSON(_ bytes: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(bytes))) != nil
    }

    @Test
    func nestingEndsAtOneHundred() throws {
        func body(_ depth: Int) -> String {
            String(repeating: #"{"inner":"#, count: depth) + "{}" + String(repeating: "}", count: depth)
        }
        #expect(throws: Never.self) { try transcodings.wire(body(99), type: "sample.v1.Inner") }
        #expect(throws: TranscodingError.self) { try transcodings.wire(body(100), type: "sample.v1.Inner") }
        #expect(throws: TranscodingError.self) { try transcodings.wire(body(100_000), type: "sample.v1.Inner") }
        let brackets = String(repeating: "[", count: 1 << 20)
        for json in [brackets, #"{"list":\#(brackets)"#, #"{"unknown":\#(brackets)"#, #"{"inners":\#(brackets)"#] {
            #expect(throws: TranscodingError.self) { try transcodings.wire(json) }
        }
        func message(_ depth: Int) -> [UInt8] {
            var wire = WireBuilder()
            for _ in 0..<depth { wire = WireBuilder().message(4, wire) }
            return wire.bytes
        }
        #expect(throws: Never.self) { try transcodings.json(message(99), type: "sample.v1.Inner") }
        #expect(throws: TranscodingError.self) { try transcodings.json(message(100), type: "sample.v1.Inner") }
        let groups = (0..<100_000).flatMap { _ in [0xCB, 0x06] as [UInt8] }
        #expect(throws: TranscodingError.self) { try transcodings.json(groups) }
    }

    /// An entry of a map is a level of its own: 100 is what those who parse the message allow, who know no maps.
    @Test
    func mapsNestHalfAsDeep() throws {
        let transcodings = try Transcodings()
        let type = "sample.delimited.Item"
        func body(_ depth: Int, _ inner: String = "{}") -> String {
            String(repeating: #"{"items":{"a":"#, count: depth) + inner + String(repeating: "}}", count: depth)
        }
        let wire = try transcodings.wire(body(49), type: type)
        #expect(try transcodings.json(wire, type: type) == body(49))
        #expect(throws: TranscodingError.self) { try transcodings.wire(body(50), type: type) }
        #expect(throws: TranscodingError.self) { try transcodings.wire(body(49, #"{"items":{"a":{}}}"#), type: type) }
        let deeper = WireBuilder().message(2, WireBuilder().string(1, "a").bytes(2, wire))
        #expect(throws: TranscodingError.self) { try transcodings.json(deeper.bytes, type: type) }
    }

    /// What is passed over to look for a type, or because it is not known, may be as deep as what is read.
    @Test
    func lookingAheadGoesAsDeepAsReading() throws {
        let transcodings = try Transcodings()
        func any(_ depth: Int, isTypeFirst: Bool) -> String {
            let items = String(repeating: #""items":{"a":{"#, count: depth) + String(repeating: "}}", count: depth)
            let type = #""@type":"a/sample.delimited.Item""#
            return isTypeFirst ? #"{"any":{\#(type),\#(items)}}"# : #"{"any":{\#(items),\#(type)}}"#
        }
        let wire = try transcodings.wire(any(49, isTypeFirst: true))
        #expect(try transcodings.wire(any(49, isTypeFirst: false)) == wire)
        #expect(try transcodings.json(wire) == any(49, isTypeFirst: true))
        for isTypeFirst in [true, false] {
            #expect(throws: TranscodingError.self) { try transcodings.wire(any(50, isTypeFirst: isTypeFirst)) }
        }
        func anys(_ depth: Int) -> String {
            (0..<depth).reduce(#""level":1"#) { inner, _ in
                #""anys":[{\#(inner),"@type":"a/sample.v1.Everything"}]"#
            }
        }
        let nested = try transcodings.wire("{\(anys(99))}")
        #expect(try transcodings.wire(transcodings.json(nested)) == nested)
        #expect(throws: TranscodingError.self) { try transcodings.wire("{\(anys(100))}") }
        func unknown(_ depth: Int) throws -> [UInt8] {
            let brackets = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            return try transcodings.wire(#"{"unknown":\#(brackets)}"#, ignoresUnknownFields: true)
        }
        #expect(try unknown(200) == [])
        #expect(throws: TranscodingError.self) { try unknown(201) }
    }

    /// An answer that is out of order at every level, where a naive second try at each would take 2^90 steps.
    @Test(.timeLimit(.minutes(1)))
    func disorderAtEveryLevelCostsLittle() throws {
        var wire = WireBuilder()
        for _ in 0..<90 { wire = WireBuilder().message(4, wire).varint(2, 1).string(1, "x") }
        #expect(
            try transcodings.json(wire.bytes, type: "sample.v1.Inner").hasPrefix(#"{"label":"x","number":1,"inner":{"#)
        )
    }

    /// A large string below many levels that are out of order, each of which has to be copied to be put in order.
    @Test
    func disorderOfLargeMessagesIsBounded() throws {
        func message(_ depth: Int) -> [UInt8] {
            var wire = WireBuilder().string(1, String(repeating: "x", count: 1 << 20))
            for _ in 0..<depth { wire = WireBuilder().message(4, wire).varint(2, 1) }
            return wire.bytes
        }
        let json = try transcodings.json(message(7), type: "sample.v1.Inner")
        #expect(json.hasPrefix(#"{"number":1,"inner":{"number":1,"inner":{"#))
        let thrown = try #require(throws: TranscodingError.self) {
            try transcodings.json(message(12), type: "sample.v1.Inner")
        }
        #expect(thrown.message.hasPrefix("not a valid sample.v1.Inner: inner.inner.inner"))
        #expect(thrown.message.hasSuffix(": \(WireError.tooDisordered)"))
        // Side by side, what has been printed counts no more.
        let inners = WireBuilder().message(38, WireBuilder().message(4, WireBuilder().string(1, "x")).varint(2, 1))
        let many = [UInt8](repeatElement(inners.bytes, count: 300_000).joined())
        #expect(throws: Never.self) { try transcodings.json(many + WireBuilder().varint(5, 1).bytes) }
    }

    /// A key that comes twice in each of 33 maps in maps, where printing each map twice would take 2^33 steps.
    @Test(.timeLimit(.minutes(1)))
    func duplicateKeysAtEveryLevelCostLittle() throws {
        let null = WireBuilder().varint(1, 0)
        var structure = WireBuilder()
        for _ in 0..<33 {
            structure = WireBuilder().message(1, WireBuilder().string(1, "a").message(2, null))
                .message(1, WireBuilder().string(1, "a").message(2, WireBuilder().message(5, structure)))
        }
        let json = String(repeating: #"{"a":"#, count: 33) + "{}" + String(repeating: "}", count: 33)
        #expect(try transcodings.json(structure.bytes, type: "google.protobuf.Struct") == json)
    }

    @Test(.timeLimit(.minutes(1)))
    func manyDuplicateKeysAreRefusedSoon() throws {
        let members = String(repeating: #""k":"v","#, count: 300_000)
        #expect(throws: TranscodingError.self) { try transcodings.wire(#"{"arguments":{\#(members)"k":"v"}}"#) }
        #expect(throws: TranscodingError.self) { try transcodings.wire(#"{"structure":{\#(members)"k":"v"}}"#) }
        let repeated = String(repeating: #""int32Value":1,"#, count: 300_000)
        #expect(throws: TranscodingError.self) { try transcodings.wire(#"{\#(repeated)"int32Value":1}"#) }
        let entry = WireBuilder().message(41, WireBuilder().string(1, "k").string(2, "v")).bytes
        let wire = [UInt8]((0..<300_000).map { _ in entry }.joined())
        #expect(try transcodings.json(wire) == #"{"arguments":{"k":"v"}}"#)
    }
}
