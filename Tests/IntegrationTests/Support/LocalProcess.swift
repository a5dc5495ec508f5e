import GatewayTesting

/// The built local training service, running.
final class LocalProcess: Sendable {
    let process: ChildProcess
    /// `HOST:PORT`.
    let address: String

    /// Starts `mltraining-local serve` and waits until it listens; port 0 lets the system choose.
    init(
        dataFolder: TemporaryFolder,
        port: UInt16 = 0,
        trainingDuration: Double = 0.3,
        _ arguments: [String] = []
    ) throws {
        process = try ChildProcess(
            BuiltProduct.path("mltraining-local"),
            [
                "serve", "--listen", "127.0.0.1:\(port)", "--data-dir", dataFolder.path, "--training-duration",
                "\(trainingDuration)",
            ] + arguments
        )
        address = try process.waitForLine(prefix: "mltraining-local listening on ")
    }

    @discardableResult
    func stop() throws -> ChildProcess.Exit {
        try process.terminate()
    }
}
