import GatewayTesting
import Glibc
import Testing

/// A ``ScriptedStack`` whose metrics and logs are looked at.
final class WatchedStack: Sendable {
    let stack: ScriptedStack
    /// Of the admin listener.
    let admin: String

    init(workers: Int = 1, _ arguments: [String] = []) throws {
        stack = try ScriptedStack(workers: workers, ["--admin-listen", "127.0.0.1:0"] + arguments)
        admin = try stack.gateway.process.waitForLine(prefix: "mltraining-gateway admin listening on ")
    }

    func page(_ target: String) throws -> RawHTTPResponse {
        try RawHTTPClient(address: admin).get(target)
    }

    /// What `/metrics` says now.
    func metrics() throws -> Samples {
        let answer = try page("/metrics")
        #expect(answer.status == 200)
        return Samples(answer.text)
    }

    /// The access log's lines on standard output so far.
    var logLines: [String] {
        stack.gateway.process.lines(.output).filter { !$0.hasPrefix("mltraining-gateway ") }
    }

    /// Waits until there are so many lines, and parses them.
    func log(_ count: Int) async throws -> [JSON] {
        try await eventually("\(count) lines: \(logLines)") { logLines.count >= count }
        #expect(logLines.count == count)
        return try logLines.map { try JSON(parsing: $0) }
    }

    func stop() throws { try stack.stop() }
}

/// The samples of an exposition, by name and labels as they are printed.
struct Samples {
    let values: [String: Double]

    init(_ text: String) {
        var values: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " ") else { continue }
            values[String(line[..<space])] = Double(line[line.index(after: space)...])
        }
        self.values = values
    }

    /// The value of one of the gateway's own; 0 where it has not been counted.
    subscript(_ series: String) -> Double { values["mltraining_gateway_" + series] ?? 0 }

    /// The sum over all series of a family.
    func sum(_ family: String) -> Double {
        values.filter { $0.key.hasPrefix("mltraining_gateway_\(family){") }.reduce(0) { $0 + $1.value }
    }
}
