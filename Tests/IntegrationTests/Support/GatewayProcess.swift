import GatewayTesting
import Glibc
import Testing

/// The built gateway, running.
final class GatewayProcess: Sendable {
    let process: ChildProcess
    /// `HOST:PORT` or `unix:PATH`.
    let address: String

    /// Starts `mltraining-gateway serve`, on a port of the system's choice unless told, and waits until it listens.
    init(upstream: String, workers: Int = 1, listen: String = "127.0.0.1:0", _ arguments: [String] = []) throws {
        process = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            ["serve", "--listen", listen, "--admin-listen", "off"]
                + ["--upstream", upstream, "--workers", "\(workers)"] + arguments
        )
        address = try process.waitForLine(prefix: "mltraining-gateway listening on ")
    }

    /// Starts `mltraining-gateway serve` with these arguments alone and waits until it listens.
    init(serving arguments: [String], environment: [String: String] = [:]) throws {
        process = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            ["serve"] + arguments,
            environment: environment
        )
        address = try process.waitForLine(prefix: "mltraining-gateway listening on ")
    }

    /// One that a test has started in a way of its own.
    init(_ process: ChildProcess) throws {
        self.process = process
        address = try process.waitForLine(prefix: "mltraining-gateway listening on ")
    }

    convenience init(_ upstream: ScriptedUpstream, workers: Int = 1, _ arguments: [String] = []) throws {
        try self.init(upstream: "http://\(upstream.address)", workers: workers, arguments)
    }

    func client(timeout: Duration = .seconds(10)) throws -> RawHTTPClient {
        try RawHTTPClient(address: address, timeout: timeout)
    }

    func get(_ target: String, headers: HeaderList = [:]) throws -> Answer {
        try Answer(client().get(target, headers: headers))
    }

    func post(_ target: String, json: String = "{}", headers: HeaderList = [:]) throws -> Answer {
        try Answer(client().post(target, json: json, headers: headers))
    }

    func delete(_ target: String) throws -> Answer {
        try Answer(client().request("DELETE", target))
    }

    /// Checks how much memory it has used so far, or has now, in bytes.
    ///
    /// Says nothing of a gateway under AddressSanitizer (`make test-asan`), which keeps what was freed and more.
    func expectMemory(now: Int = .max, peak: Int = .max, sourceLocation: SourceLocation = #_sourceLocation) throws {
        guard getenv("ASAN_OPTIONS") == nil, getenv("TSAN_OPTIONS") == nil else { return }
        let usage = try #require(ProcessUsage(pid: process.pid), sourceLocation: sourceLocation)
        #expect(usage.residentBytes < now, "\(usage)", sourceLocation: sourceLocation)
        #expect(usage.peakResidentBytes < peak, "\(usage)", sourceLocation: sourceLocation)
    }

    /// Runs `curl` with `arguments` and this gateway's address before `target`.
    func curl(_ target: String, _ arguments: String...) throws -> Answer {
        try Curl.run(arguments + ["http://\(address)\(target)"])
    }

    /// Ends it in order; its exit code.
    @discardableResult
    func stop() throws -> ChildProcess.Exit {
        try process.terminate()
    }
}
