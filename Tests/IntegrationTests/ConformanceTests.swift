import Foundation
import GatewayTesting
import Testing

/// Where the recorded cases are.
enum ConformanceCorpus {
    static func findFolder() -> String? {
        let checkout = #filePath.replacing("/Tests/IntegrationTests/ConformanceTests.swift", with: "")
        let candidates = ["\(checkout)/../shared/conformance", "\(checkout)/shared/conformance"]
        return candidates.first { FileManager.default.fileExists(atPath: "\($0)/corpus.jsonl") }
    }
}

/// The recorded cases of the official conformance runner, fed to one `convert --batch`; skipped where
/// `shared/conformance` is not beside the checkout.
@Suite(.enabled(if: ConformanceCorpus.findFolder() != nil))
struct ConformanceTests {
    private struct Case {
        let name: String
        let request: ConvertProcess.Request
        /// Expected wire and JSON; nil for an expected error.
        let expected: (wire: [UInt8], json: String)?
    }

    private static func load(_ folder: String) throws -> [Case] {
        try String(contentsOfFile: "\(folder)/corpus.jsonl", encoding: .utf8).split(separator: "\n").map { line in
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let text = try #require(object["input"] as? String)
            let isBase64 = object["input_encoding"] as? String == "base64"
            let input = isBase64 ? try #require(Data(base64Encoded: text)) : Data(text.utf8)
            let expect = object["expect"] as? [String: Any]
            return Case(
                name: try #require(object["name"] as? String),
                request: ConvertProcess.Request(
                    from: object["input_format"] as? String == "JSON" ? "json" : "binary",
                    to: object["output_format"] as? String == "JSON" ? "json" : "binary",
                    type: try #require(object["type"] as? String),
                    input: Array(input),
                    ignoresUnknown: object["ignore_unknown"] as? Bool ?? false
                ),
                expected: try expect.map { expect in
                    let wire = try #require(Data(base64Encoded: expect["protobuf"] as? String ?? ""))
                    return (Array(wire), expect["json"] as? String ?? "")
                }
            )
        }
    }

    /// Names of the cases that are known to fail.
    private static func loadExceptions() throws -> Set<String> {
        let path = #filePath.replacing("ConformanceTests.swift", with: "Resources/conformance-exceptions.txt")
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        return Set(
            try lines.filter { !$0.hasPrefix("#") }.map { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                try #require(parts.count == 2 && parts[1].contains { $0 != " " }, "no reason: \(line)")
                return String(parts[0])
            }
        )
    }

    /// Messages are compared as the JSON that they come to, since map entries have no order.
    private func isSame(_ left: [UInt8]?, _ right: [UInt8]) -> Bool {
        guard let left, let one = try? JSONSerialization.jsonObject(with: Data(left)) as? NSDictionary else {
            return false
        }
        return one == (try? JSONSerialization.jsonObject(with: Data(right)) as? NSDictionary)
    }

    @Test func passesTheOfficialCases() throws {
        let folder = try #require(ConformanceCorpus.findFolder())
        let cases = try Self.load(folder)
        try #require(cases.count > 700)
        let convert = try ConvertProcess(["--descriptor-set", "\(folder)/testmessages.binpb"])
        let outputs = try convert.outputs(cases.map(\.request))
        // What both messages come to in JSON, for cases that put out a message or do not say what JSON they expect.
        let printed = try convert.outputs(
            zip(cases, outputs).flatMap { test, output in
                [output ?? [], test.expected?.wire ?? []].map { wire in
                    ConvertProcess.Request(from: "binary", to: "json", type: test.request.type, input: wire)
                }
            }
        )
        var failed: [String: String] = [:]
        for (index, (test, output)) in zip(cases, outputs).enumerated() {
            let passes: Bool
            switch (test.expected, output) {
            case (nil, nil): passes = true
            case (.some(let expected), .some(let output)):
                let wireAsJSON = printed[2 * index + 1] ?? []
                if test.request.to == "binary" {
                    passes = output == expected.wire || isSame(printed[2 * index], wireAsJSON)
                } else {
                    passes = isSame(output, expected.json.isEmpty ? wireAsJSON : Array(expected.json.utf8))
                }
            default: passes = false
            }
            if !passes {
                let text = output.map { String(decoding: $0, as: UTF8.self) } ?? "an error"
                failed[test.name] = "\(test.name): \(text), expected \(test.expected?.json ?? "an error")"
            }
        }
        let exceptions = try Self.loadExceptions()
        let unexpected = failed.filter { !exceptions.contains($0.key) }.values.sorted().joined(separator: "\n")
        #expect(unexpected.isEmpty, "of \(cases.count) cases:\n\(unexpected)")
        #expect(exceptions.subtracting(failed.keys).isEmpty, "listed as exceptions, but pass")
        convert.process.closeInput()
        #expect(try convert.process.waitForExit() == .code(0))
    }
}
