import Glibc
import Testing

@testable import FuzzTargets

/// Replays what `make fuzz` has found interesting, without a fuzzer.
@Suite
struct CorpusTests {
    @Test(arguments: ["json", "wire", "path"])
    func everyInputKeepsTheInvariants(_ name: String) throws {
        let target = try #require(FuzzTargets.target(named: name)).init()
        let folder = #filePath.replacing("FuzzingTests/CorpusTests.swift", with: "Fuzzing/Corpus/\(name)")
        let files = try names(in: folder)
        #expect(files.count >= 20)
        for file in files {
            let bytes = try #require(FileContent.read("\(folder)/\(file)"))
            #expect(throws: Never.self, "\(name)/\(file)") { try bytes.withUnsafeBytes { try target.run($0) } }
        }
    }

    /// The invariants are worth what this is worth.
    @Test
    func theGrammarKnowsJSON() {
        for text in ["{}", " [1,-0.5e+3,\"\\u00e9\\n\"] ", #"{"a":[{}],"b":null}"#, "0"] {
            #expect(JSONGrammar.accepts(Array(text.utf8)), "\(text)")
        }
        for text in [
            "", "{", "[1,]", "{,}", "01", "1.", "\"\u{1}\"", #"{"a":1,}"#, "[1}", "nul", "{} {}", "{1:2}", "]",
        ] {
            #expect(!JSONGrammar.accepts(Array(text.utf8)), "\(text)")
        }
        #expect(!JSONGrammar.accepts([0x22, 0xFF, 0x22]))
    }

    private func names(in folder: String) throws -> [String] {
        let directory = try #require(opendir(folder))
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
