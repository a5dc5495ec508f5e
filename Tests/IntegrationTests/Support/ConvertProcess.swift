import Foundation
import GatewayTesting
import Testing

/// A running `mltraining-gateway convert --batch`.
final class ConvertProcess {
    /// What one line of input asks for.
    struct Request {
        var from: String
        var to: String
        var type: String
        var input: [UInt8]
        var ignoresUnknown = false
    }

    private struct Answer: Decodable {
        let id: Int
        let output: Data?
        let error: String?
    }

    let process: ChildProcess
    private var count = 0

    init(_ arguments: [String]) throws {
        process = try ChildProcess(BuiltProduct.path("mltraining-gateway"), ["convert", "--batch"] + arguments)
    }

    /// Asks for all of `requests` at once; the output of each, nil for an error.
    func outputs(_ requests: [Request]) throws -> [[UInt8]?] {
        guard !requests.isEmpty else { return [] }
        let first = count
        var lines = ""
        for request in requests {
            let input = Data(request.input).base64EncodedString()
            lines += """
                {"id": \(count), "from": "\(request.from)", "to": "\(request.to)", "type": "\(request.type)", \
                "input": "\(input)", "ignore_unknown": \(request.ignoresUnknown)}\n
                """
            count += 1
        }
        try process.write(lines)
        _ = try process.waitForLine(prefix: "{\"id\":\(count - 1),")
        let answers = try process.lines(.output)[first..<count].map {
            try JSONDecoder().decode(Answer.self, from: Data($0.utf8))
        }
        #expect(answers.map(\.id) == Array(first..<count))
        return answers.map { answer in
            #expect((answer.output == nil) != (answer.error == nil))
            return answer.output.map(Array.init)
        }
    }
}
