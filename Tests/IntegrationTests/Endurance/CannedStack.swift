import Foundation
import GatewayTesting
import Testing

/// A gateway in front of an upstream that answers at once, whatever comes: for many requests.
final class CannedStack: Sendable {
    let upstream: ChildProcess
    let gateway: GatewayProcess
    private let folder: TemporaryFolder

    /// `answers` are by path.
    init(
        answers: [String: [UInt8]] = [MLTraining.getJob: MLTraining.job(id: "a")],
        workers: Int = 2,
        _ arguments: [String] = []
    ) throws {
        folder = try TemporaryFolder()
        var options: [String] = []
        for (number, answer) in answers.enumerated() {
            let file = "\(folder.path)/\(number)"
            try FileBytes.write(answer.value, to: file)
            options += ["--answer", "\(answer.key)=\(file)"]
        }
        upstream = try ChildProcess(BuiltProduct.path("canned-upstream"), options)
        let address = try upstream.waitForLine(prefix: "canned-upstream listening on ")
        gateway = try GatewayProcess(upstream: "http://\(address)", workers: workers, arguments)
    }

    func usage() throws -> ProcessUsage {
        try #require(ProcessUsage(pid: gateway.process.pid), "\(gateway.process.transcript)")
    }

    func stop() throws {
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        try upstream.terminate()
    }
}
