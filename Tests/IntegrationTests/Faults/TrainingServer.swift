import GatewayTesting
import Glibc
import Testing

/// A training service on somebody else's gRPC (`Resources/training_server.py`), running.
final class TrainingServer: Sendable {
    enum Library: String, CaseIterable, Sendable {
        case grpcio, grpclib
    }

    private static let root = #filePath.replacing(
        "/Tests/IntegrationTests/Faults/TrainingServer.swift",
        with: ""
    )
    private static let python = root + "/.venv-tests/bin/python"
    /// Whether `make test`, or `make test-venv`, has made the Python environment yet.
    static let isInstalled = access(python, X_OK) == 0

    let process: ChildProcess
    let port: UInt16

    /// Starts the server and waits until it listens.
    ///
    /// - Parameters:
    ///   - library: what carries its gRPC.
    ///   - port: where to listen on 127.0.0.1; 0 lets the system choose.
    ///   - arguments: channel arguments for grpcio.
    /// - Throws: what says why it did not start.
    init(_ library: Library, port: UInt16 = 0, _ arguments: [String: Int] = [:]) throws {
        process = try ChildProcess(
            TrainingServer.python,
            [
                TrainingServer.root + "/Tests/IntegrationTests/Resources/training_server.py", library.rawValue,
                TrainingServer.root + "/Sources/MLTraining/Resources/mltraining.binpb", "\(port)",
            ] + arguments.map { "\($0.key)=\($0.value)" }
        )
        let line = try process.waitForLine(prefix: "listening on ", timeout: .seconds(30))
        self.port = try #require(UInt16(line))
    }

    var url: String { "http://127.0.0.1:\(port)" }

    /// The calls that its application has seen, in order: `submit MODEL_NAME`, `get ID` and so on.
    ///
    /// All of them only once it has ended: what it says comes by a pipe, and an answer can overtake it.
    var calls: [String] {
        process.lines(.output).filter { !$0.hasPrefix("listening ") && !$0.hasPrefix("connection ") }
    }

    /// How many connections had calls on them; known of grpcio alone.
    var connections: Int { process.lines(.output).count { $0.hasPrefix("connection ") } }

    /// The model names of the submits that its application has seen.
    var submits: [String] { calls.filter { $0.hasPrefix("submit ") }.map { String($0.dropFirst(7)) } }

    /// Ends it as the kernel does when memory runs out.
    func kill() throws {
        process.signal(SIGKILL)
        #expect(try process.waitForExit() == .signal(SIGKILL))
    }

    func stop() throws {
        try process.terminate()
    }
}
