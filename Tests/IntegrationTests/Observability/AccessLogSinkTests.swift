import GatewayTesting
import Glibc
import Testing

/// What becomes of the access log's lines where its sink is slow, broken, rotated, or about to end.
@Suite
struct AccessLogSinkTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path + "/log"
    }

    private func lines() throws -> [String] {
        try String(decoding: FileBytes.read(path), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private var arguments: [String] { ["--access-log", "json", "--access-log-file", path] }

    @Test(arguments: [1, 2])
    func aStopLosesNoLine(workers: Int) throws {
        let watched = try WatchedStack(workers: workers, arguments)
        let clients = try (0..<4).map { _ in try watched.stack.gateway.client() }
        for client in clients {
            for number in 0..<50 { try client.sendRequest("GET", "/nope/\(number)") }
        }
        for client in clients {
            for _ in 0..<50 { #expect(try client.readResponse().status == 404) }
        }
        try watched.stop()
        let targets = try lines().map { try JSON(parsing: $0)["target"].text ?? "" }
        #expect(targets.count == 200)
        #expect(Set(targets).count == 50)
    }

    @Test
    func aSinkThatTakesNothingHoldsNoRequest() async throws {
        #expect(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        let watched = try WatchedStack(arguments)
        let client = try watched.stack.gateway.client()
        // Each line is longer than its target, and ten megabytes are more than the gateway keeps.
        let target = "/nope/" + String(repeating: "x", count: 8_000)
        for _ in 0..<1_300 { #expect(try client.get(target).status == 404) }
        try await eventually("lines are dropped") {
            try watched.metrics()["access_log_lines_dropped_total"] > 0
        }
        #expect(try client.get("/nope").status == 404)
        // Nobody will ever read: the stop is not held for long either.
        #expect(try watched.stack.gateway.process.terminate(grace: .seconds(20)) == .code(0))
        #expect(watched.stack.gateway.process.lines(.error).contains { $0.contains("the last ones are lost") })
        watched.stack.upstream.stop()
    }

    @Test
    func aReaderThatIsGoneEndsNothing() async throws {
        #expect(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        let watched = try WatchedStack(arguments)
        close(reader)
        #expect(try watched.stack.gateway.client().get("/nope").status == 404)
        try await eventually("the line is lost") {
            try watched.metrics()["access_log_lines_dropped_total"] == 1
        }
        #expect(try watched.stack.gateway.client().get("/nope").status == 404)
        try await eventually("it is told") {
            watched.stack.gateway.process.lines(.error).contains { $0.contains("cannot write to the access log") }
        }
        try watched.stop()
    }

    @Test
    func aFileThatCannotBeOpenedIsOneLine() throws {
        let process = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "off"]
                + ["--access-log", "json", "--access-log-file", folder.path + "/no/log"]
        )
        #expect(try process.waitForExit() == .code(1))
        #expect(process.lines(.error).count == 1, "\(process.transcript)")
        #expect(process.lines(.error).first?.contains("No such file") == true)
    }

    @Test
    func aFileWithoutALogIsAMistake() throws {
        let result = try ConfiguredProcess().run(["check", "--access-log-file", path])
        #expect(result.exit == .code(1))
        #expect(result.error.contains { $0.contains("--access-log-file is for") })
    }
}
