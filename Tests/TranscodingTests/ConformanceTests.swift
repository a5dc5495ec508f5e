import Foundation
import ProtobufSchema
import Testing

@testable import Transcoding

/// Where the recorded cases are.
enum ConformanceCorpus {
    static func findFolder() -> String? {
        let checkout = #filePath.replacing("/Tests/TranscodingTests/ConformanceTests.swift", with: "")
        let candidates = ["\(checkout)/../shared/conformance", "\(checkout)/shared/conformance"]
        return candidates.first { FileManager.default.fileExists(atPath: "\($0)/corpus.jsonl") }
    }
}

/// The recorded cases of the official conformance runner; skipped where `shared/conformance` is not beside the checkout.
@Suite(.enabled(if: ConformanceCorpus.findFolder() != nil))
struct ConformanceTests {
    struct Case {
        let name: String
        let isRequired: Bool
        let type: String
        let isJSONInput: Bool
        let isJSONOutput: Bool
        let input: [UInt8]
        let ignoresUnknown: Bool
        /// Expected wire and JSON; nil for an expected error.
        let expected: (wire: [UInt8], json: String)?
    }

    static func load(_ folder: String) throws -> [Case] {
        let lines = try String(contentsOfFile: "\(folder)/corpus.jsonl", encoding: .utf8).split(separator: "\n")
        return try lines.map { line in
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            )
            let text = try #require(object["input"] as? String)
            let isBase64 = object["input_encoding"] as? String == "base64"
            let input = isBase64 ? try #require(Data(base64Encoded: text)) : Data(text.utf8)
            let expect = object["expect"] as? [String: Any]
            return Case(
                name: try #require(object["name"] as? String),
                isRequired: object["level"] as? String == "REQUIRED",
                type: try #require(object["type"] as? String),
                isJSONInput: object["input_format"] as? String == "JSON",
                isJSONOutput: object["output_format"] as? String == "JSON",
                input: Array(input),
                ignoresUnknown: object["ignore_unknown"] as? Bool ?? false,
                expected: try expect.map { expect in
                    let wire = try #require(Data(base64Encoded: expect["protobuf"] as? String ?? ""))
                    return (Array(wire), expect["json"] as? String ?? "")
                }
            )
        }
    }

    private func run(_ test: Case, _ transcodings: Transcodings) -> (wire: [UInt8], json: String)? {
        do {
            let wire =
                test.isJSONInput
                ? try transcodings.wire(
                    bytes: test.input,
                    type: test.type,
                    ignoresUnknownFields: test.ignoresUnknown
                ) : test.input
            // A message that is only passed on is printed too: that it can be read is what the case asks for.
            return (wire, try transcodings.json(wire, type: test.type))
        } catch {
            return nil
        }
    }

    private func isSame(_ test: Case, _ actual: (wire: [UInt8], json: String), _ transcodings: Transcodings) -> Bool {
        guard let expected = test.expected else { return false }
        if actual.wire == expected.wire, !test.isJSONOutput { return true }
        // Map entries have no order, so messages are compared as what JSON makes of them.
        let json =
            test.isJSONOutput && !expected.json.isEmpty
            ? expected.json : try? transcodings.json(expected.wire, type: test.type)
        guard let json else { return false }
        let left = try? JSONSerialization.jsonObject(with: Data(actual.json.utf8)) as? NSDictionary
        let right = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? NSDictionary
        return left != nil && left == right
    }

    @Test
    func passesTheOfficialCases() throws {
        let folder = try #require(ConformanceCorpus.findFolder())
        let set = try #require(TestSchema.readFile("\(folder)/testmessages.binpb"))
        let transcodings = Transcodings(schema: try Schema(descriptorSet: set))
        var failed: [String] = []
        let cases = try ConformanceTests.load(folder)
        for test in cases {
            let actual = run(test, transcodings)
            let passes =
                switch (test.expected, actual) {
                case (nil, nil): true
                case (.some, .some(let actual)): isSame(test, actual, transcodings)
                default: false
                }
            if !passes {
                failed.append("\(test.name): \(actual?.json ?? "error"), expected \(test.expected?.json ?? "error")")
            }
        }
        let report = failed.joined(separator: "\n")
        #expect(failed.count == 0, "of \(cases.count):\n\(report)")
        #expect(!cases.isEmpty)
    }
}
