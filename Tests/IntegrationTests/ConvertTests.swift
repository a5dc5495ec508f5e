import Foundation
import GatewayTesting
import Testing

/// `mltraining-gateway convert`.
@Suite struct ConvertTests {
    private static let job = "viam.app.mltraining.v1.TrainingJobMetadata"

    private func convert(
        _ arguments: [String],
        input: String
    ) throws -> (exit: ChildProcess.Exit, output: [String], error: [String]) {
        let process = try ChildProcess(BuiltProduct.path("mltraining-gateway"), ["convert"] + arguments)
        // A process that refuses its arguments does not read.
        try? process.write(input)
        process.closeInput()
        let exit = try process.waitForExit()
        return (exit, process.lines(.output), process.lines(.error))
    }

    @Test(arguments: [
        ([], #"{"id":"a","tags":["x"],"status":"TRAINING_STATUS_COMPLETED","isCustomJob":true}"#),
        (
            ["--original-names", "--enums-as-numbers"],
            #"{"status":3,"id":"a","tags":["x"],"is_custom_job":true}"#
        ),
        (
            ["--indent", "2"],
            "{\n  \"status\": \"TRAINING_STATUS_COMPLETED\",\n  \"id\": \"a\",\n  \"tags\": [\n    \"x\"\n  ],\n"
                + "  \"isCustomJob\": true\n}"
        ),
    ])
    func printsAsAsked(_ options: [String], _ expected: String) throws {
        let input = #"{"id": "a", "tags": ["x"], "status": "TRAINING_STATUS_COMPLETED", "is_custom_job": true}"#
        let arguments = ["--type", Self.job, "--from", "json", "--to", "json"]
        let (exit, output, error) = try convert(arguments + options, input: input)
        #expect(exit == .code(0))
        #expect(error.isEmpty)
        if options.isEmpty {
            // Fields come out in number order.
            #expect(try JSON(parsing: output.joined()) == JSON(parsing: expected))
        } else {
            #expect(output.joined(separator: "\n") == expected)
        }
    }

    @Test func defaultsAreThoseOfProtoJSON() throws {
        let arguments = ["--type", Self.job, "--from", "json", "--to", "json"]
        #expect(try convert(arguments, input: "{}").output == ["{}"])
        let (_, output, _) = try convert(arguments + ["--emit-defaults"], input: "{}")
        let json = try JSON(parsing: output.joined())
        #expect(json["id"] == "" && json["tags"] == [] && json["status"] == "TRAINING_STATUS_UNSPECIFIED")
    }

    @Test func goesThroughTheBinaryFormat() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/job.bin"
        let gateway = BuiltProduct.path("mltraining-gateway")
        let script = """
            echo '{"id": "ü", "tags": []}' | '\(gateway)' convert --type \(Self.job) --from json --to binary > '\(path)' &&
            '\(gateway)' convert --type \(Self.job) --from binary --to binary < '\(path)' | cmp - '\(path)' &&
            '\(gateway)' convert --type \(Self.job) --from binary --to json < '\(path)'
            """
        let process = try ChildProcess("/bin/sh", ["-c", script])
        process.closeInput()
        #expect(try process.waitForExit() == .code(0), "\(process.transcript)")
        #expect(process.lines(.output) == [#"{"id":"ü"}"#])
        #expect(try FileBytes.read(path) == [0x3A, 2, 0xC3, 0xBC])
    }

    @Test(arguments: [
        (["--type", job, "--from", "json", "--to", "binary"], "", "Error: the JSON text is empty"),
        (["--type", job, "--from", "json", "--to", "binary"], "{} x", "Error: unexpected text after the JSON value"),
        (
            ["--type", job, "--from", "json", "--to", "json"], #"{"idd": 1}"#,
            "Error: idd: unknown field \"idd\"; did you mean \"id\"?"
        ),
        (
            ["--type", job, "--from", "json", "--to", "json"], #"{"tagz": 1, "name": 2}"#,
            "Error: tagz: unknown field \"tagz\"; did you mean \"tags\"?\nname: unknown field \"name\""
        ),
        (["--type", job, "--from", "binary", "--to", "json"], ":\u{5}a", "Error: not a valid \(job): "),
        (["--type", job, "--from", "binary", "--to", "binary"], ":\u{5}a", "Error: not a valid \(job): "),
        (
            ["--type", "viam.TrainingJobMetadata", "--from", "json", "--to", "json"], "{}",
            "Error: unknown message type \"viam.TrainingJobMetadata\"; did you mean \"\(job)\"?"
        ),
        (
            ["--type", "\(job)a", "--batch"], "{}",
            "Error: unknown message type \"\(job)a\"; did you mean \"\(job)\"?"
        ),
        (
            ["--type", job, "--from", "json", "--to", "json", "--descriptor-set", "/dev/zero"], "{}",
            "Error: /dev/zero: larger than 67108864 bytes"
        ),
    ])
    func whatCannotBeConvertedIsCode1(_ arguments: [String], _ input: String, _ expected: String) throws {
        let (exit, output, error) = try convert(arguments, input: input)
        #expect(exit == .code(1))
        #expect(output.isEmpty)
        #expect(error.joined(separator: "\n").hasPrefix(expected), "\(error)")
    }

    @Test(arguments: [
        [], ["--from", "json", "--to", "json"], ["--type", job, "--from", "json"], ["--type", job, "--to", "json"],
        ["--type", job, "--from", "xml", "--to", "json"], ["--batch", "--indent", "9"],
    ])
    func aWrongCommandLineIs64(_ arguments: [String]) throws {
        let (exit, output, _) = try convert(arguments, input: "")
        #expect(exit == .code(64))
        #expect(output.isEmpty)
    }

    // MARK: Batch

    /// A program that waits for each answer before it writes the next line.
    @Test func batchAnswersEachLineAtOnce() throws {
        let process = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            ["convert", "--batch", "--type", Self.job, "--from", "json"]
        )
        // {"id": "a"} and :\u{1}a
        let lines = [
            (#"{"id": 1, "to": "json", "input": "eyJpZCI6ICJhIn0="}"#, #"{"id":1,"output":"eyJpZCI6ImEifQ=="}"#),
            (#"{"id": "z", "to": "binary", "input": "eyJpZCI6ICJhIn0="}"#, #"{"id":"z","output":"OgFh"}"#),
            (
                #"{"id": 1.50, "from": "binary", "to": "json", "input": "OgFh"}"#,
                #"{"id":1.50,"output":"eyJpZCI6ImEifQ=="}"#
            ),
            ("oops", #"{"id":null,"error":"malformed line: unexpected character at column 1"}"#),
            (#"{"id": 9, "to": "json", "input": "eyJ4IjoxfQ=="}"#, #"{"id":9,"error":"x: unknown field \"x\""}"#),
            (
                #"{"id": 10, "to": "json", "input": "eyJ4IjoxfQ==", "ignore_unknown": true}"#,
                #"{"id":10,"output":"e30="}"#
            ),
        ]
        for (line, answer) in lines {
            try process.write(line + "\n")
            #expect(try process.waitForLine(prefix: String(answer.prefix(8))) == answer.dropFirst(8), "\(line)")
        }
        process.closeInput()
        #expect(try process.waitForExit() == .code(0))
        #expect(process.lines(.output) == lines.map(\.1))
        #expect(process.lines(.error).isEmpty)
    }

    /// Blank lines, CRLF, a last line without its end, and lines that come in pieces.
    @Test func batchReadsLinesHoweverTheyCome() throws {
        let process = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            ["convert", "--batch", "--type", Self.job, "--from", "json", "--to", "json"]
        )
        try process.write("\n  \r\n{\"id\": 1, \"inp")
        try process.write("ut\": \"e30\"}\r\n{\"id\": 2, \"input\": \"e30=\"}\n{\"id\": 3, ")
        _ = try process.waitForLine(prefix: #"{"id":2,"#)
        try process.write(#""input": "e30="}"#)
        process.closeInput()
        #expect(try process.waitForExit() == .code(0))
        #expect(process.lines(.output) == (1...3).map { "{\"id\":\($0),\"output\":\"e30=\"}" })
    }

    /// A line past the bound is answered once, and the next one as if nothing had been.
    @Test func batchRefusesALineThatIsTooLong() throws {
        let process = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            ["convert", "--batch", "--type", Self.job, "--from", "json", "--to", "json"]
        )
        let piece = String(repeating: "A", count: 1 << 20)
        try process.write(#"{"id": 1, "input": ""#)
        for _ in 0..<150 { try process.write(piece) }
        try process.write("\"}\n{\"id\": 2, \"input\": \"e30=\"}\n")
        process.closeInput()
        #expect(try process.waitForExit(timeout: .seconds(30)) == .code(0))
        #expect(
            process.lines(.output) == [
                #"{"id":null,"error":"the line is longer than 67108864 bytes"}"#, #"{"id":2,"output":"e30="}"#,
            ]
        )
    }

    @Test func aReaderThatHasGoneIsAnError() throws {
        let gateway = BuiltProduct.path("mltraining-gateway")
        let script = "{ yes nonsense | '\(gateway)' convert --batch; echo $? >&2; } | true"
        let process = try ChildProcess("/bin/sh", ["-c", script])
        process.closeInput()
        #expect(try process.waitForExit() == .code(0))
        #expect(process.lines(.error) == ["Error: cannot write to standard output: Broken pipe", "1"])
    }

    /// Ten megabytes each way through pipes, whose writes are partial.
    @Test func writesAllOfALargeMessage() throws {
        let gateway = BuiltProduct.path("mltraining-gateway")
        let script = """
            { printf '{"id":"'; head -c 10000000 /dev/zero | tr '\\0' x; printf '"}'; } |
            '\(gateway)' convert --type \(Self.job) --from json --to binary |
            '\(gateway)' convert --type \(Self.job) --from binary --to json | wc -c
            """
        let process = try ChildProcess("/bin/sh", ["-c", script])
        process.closeInput()
        #expect(try process.waitForExit(timeout: .seconds(30)) == .code(0))
        #expect(process.lines(.output) == ["10000010"])
    }
}
