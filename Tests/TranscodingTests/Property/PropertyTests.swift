import Bytes
import Foundation
import Glibc
import ProtobufSchema
import RichMessages
import SwiftProtobuf
import Testing

@testable import Transcoding

/// Random messages of a rich schema, told from SwiftProtobuf's own reading of wire format and JSON.
///
/// Every failure names the seed of its message; `TRANSCODING_SEED` runs one seed alone.
@Suite
struct PropertyTests {
    /// Messages made from fixed seeds, and as many from seeds that differ from run to run.
    static let count = 1000

    let schema: Schema
    let type: MessageIndex
    let transcodings: Transcodings

    /// A message with what SwiftProtobuf makes of it.
    struct Sample {
        let seed: UInt64
        let message: RandomMessage
        let wire: [UInt8]
        let object: Rich_Rich
        /// The object, serialized so that equal messages have equal bytes.
        let reference: [UInt8]
    }

    init() throws {
        schema = try RichSchema.schema.get()
        type = try #require(schema.message(named: "rich.Rich"))
        transcodings = Transcodings(schema: schema)
        let isRegistered =
            Google_Protobuf_Any.register(messageType: Rich_Leaf.self)
            && Google_Protobuf_Any.register(messageType: Rich_Needy.self)
        try #require(isRegistered)
    }

    /// What an `Any` may hold.
    ///
    /// Not `rich.Legacy`, whose extensions SwiftProtobuf does not look for inside an `Any`, nor what may hold one.
    static let embeddable = [
        "google.protobuf.Duration", "rich.Leaf", "rich.Needy", "google.protobuf.Any", "google.protobuf.Timestamp",
        "google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue", "google.protobuf.Empty",
        "google.protobuf.FieldMask", "google.protobuf.DoubleValue", "google.protobuf.FloatValue",
        "google.protobuf.Int64Value", "google.protobuf.UInt64Value", "google.protobuf.Int32Value",
        "google.protobuf.UInt32Value", "google.protobuf.BoolValue", "google.protobuf.StringValue",
        "google.protobuf.BytesValue",
    ]

    // MARK: - Samples

    private func bytes(of object: Rich_Rich) throws -> [UInt8] {
        var options = BinaryEncodingOptions()
        options.useDeterministicOrdering = true
        return try object.serializedBytes(options: options)
    }

    private func parse(wire: [UInt8]) throws -> [UInt8] {
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = true
        return try bytes(
            of: Rich_Rich(serializedBytes: wire, extensions: Rich_RichLegacy_Extensions, options: options)
        )
    }

    private func parse(json: String) throws -> [UInt8] {
        try bytes(of: Rich_Rich(jsonUTF8Bytes: Array(json.utf8), extensions: Rich_RichLegacy_Extensions))
    }

    private func generator(seed: UInt64) throws -> MessageGenerator {
        try MessageGenerator(schema: schema, embeddable: PropertyTests.embeddable, seed: seed)
    }

    private func sample(seed: UInt64) throws -> Sample {
        var generator = try generator(seed: seed)
        let message = generator.message(type)
        let wire = message.encoded
        let object = try Rich_Rich(serializedBytes: wire, extensions: Rich_RichLegacy_Extensions)
        return Sample(seed: seed, message: message, wire: wire, object: object, reference: try bytes(of: object))
    }

    /// The first of the seeds that differ from run to run.
    private static let varyingSeed: UInt64 = {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("random messages from TRANSCODING_SEED=\(seed) on")
        return seed
    }()

    /// Runs `check` on many messages, or every so-manieth; it says what is wrong, if anything is.
    private func forEachSample(every step: Int = 1, _ check: (Sample) throws -> String?) throws {
        let offsets = stride(from: 0, to: PropertyTests.count, by: step).map { UInt64($0) }
        var seeds = offsets + offsets.map { PropertyTests.varyingSeed &+ $0 }
        if let only = getenv("TRANSCODING_SEED").flatMap({ UInt64(String(cString: $0)) }) { seeds = [only] }
        var failures = 0
        for seed in seeds {
            let failure: String?
            do {
                failure = try check(sample(seed: seed))
            } catch {
                failure = "\(error)"
            }
            guard let failure else { continue }
            Issue.record("TRANSCODING_SEED=\(seed): \(failure)")
            failures += 1
            if failures == 5 { break }
        }
    }

    // MARK: - Properties

    @Test
    func swiftProtobufReadsOurJSON() throws {
        try forEachSample { sample in
            let json = try transcodings.json(sample.wire, type: "rich.Rich")
            return try parse(json: json) == sample.reference ? nil : json
        }
    }

    @Test
    func weReadTheJSONOfSwiftProtobuf() throws {
        try forEachSample { sample in
            let json: [UInt8] = try sample.object.jsonUTF8Bytes()
            let wire = try transcodings.wire(bytes: json, type: "rich.Rich")
            return try parse(wire: wire) == sample.reference ? nil : String(decoding: json, as: UTF8.self)
        }
    }

    @Test
    func weReadOurOwnJSON() throws {
        try forEachSample { sample in
            let json = try transcodings.json(sample.wire, type: "rich.Rich")
            let wire = try transcodings.wire(json, type: "rich.Rich")
            guard try parse(wire: wire) == sample.reference else { return json }
            return try transcodings.json(wire, type: "rich.Rich") == json ? nil : json
        }
    }

    @Test(arguments: [false, true])
    func anyEncodingOfAMessageIsPrintedTheSame(scramblesEmbedded: Bool) throws {
        try forEachSample(every: scramblesEmbedded ? 4 : 1) { sample in
            var scrambler = WireScrambler(
                generator: try generator(seed: ~sample.seed),
                scramblesEmbedded: scramblesEmbedded
            )
            let json = try transcodings.json(sample.wire, type: "rich.Rich")
            for _ in 0..<(scramblesEmbedded ? 1 : 2) {
                let scrambled = scrambler.scrambled(sample.message, of: type)
                // That it is the same message is not for this project to say alone.
                if !scramblesEmbedded, (try? parse(wire: scrambled)) != sample.reference {
                    return "SwiftProtobuf takes it for another message: \(scrambled)"
                }
                let printed = try transcodings.json(scrambled, type: "rich.Rich")
                if printed != json { return "\(printed)\ninstead of\n\(json)" }
            }
            return nil
        }
    }

    @Test(arguments: [
        JSONOptions(), JSONOptions(omitsDefaults: true, usesOriginalNames: true),
        JSONOptions(omitsDefaults: true, printsEnumsAsNumbers: true),
        JSONOptions(usesOriginalNames: true, printsEnumsAsNumbers: true),
    ])
    func optionsDoNotChangeTheMessage(options: JSONOptions) throws {
        // Most of them print every field of every message, which takes the other side its time.
        try forEachSample(every: 8) { sample in
            let json = try transcodings.json(sample.wire, type: "rich.Rich", options: options)
            guard try parse(json: json) == sample.reference else { return json }
            guard try parse(wire: transcodings.wire(json, type: "rich.Rich")) == sample.reference else { return json }
            // Lines and spaces change nothing either.
            var indented = ByteBuffer()
            Array(json.utf8).withUnsafeBytes { JSONIndenter(spaces: 2).indent($0, into: &indented) }
            let text = String(decoding: indented.bytes, as: UTF8.self)
            guard try parse(json: text) == sample.reference else { return text }
            return try parse(wire: transcodings.wire(text, type: "rich.Rich")) == sample.reference ? nil : text
        }
    }
}
