import GatewayTesting
import Glibc
import Testing

/// A gateway with a configuration file that tests change, in front of an upstream.
final class ReloadStack: Sendable {
    /// What the gateway says when all workers have taken a reload over.
    static let done = "notice: serving the new configuration"

    let folder: TemporaryFolder
    let upstream: ScriptedUpstream
    let gateway: GatewayProcess

    /// Starts it with `settings` in its file, lines of YAML, beside the upstream's address.
    init(
        workers: Int = 1,
        _ settings: String = "",
        _ arguments: [String] = [],
        upstream: ScriptedUpstream? = nil,
        environment: [String: String] = [:]
    ) throws {
        let upstream = try upstream ?? ScriptedUpstream()
        let folder = try TemporaryFolder()
        upstream.answerJobs()
        try ReloadStack.write(settings, upstream: upstream.address, to: folder)
        self.upstream = upstream
        self.folder = folder
        gateway = try GatewayProcess(
            serving: ["--config", "\(folder.path)/gateway.yaml", "--listen", "127.0.0.1:0"]
                + ["--workers", "\(workers)"] + (arguments.contains("--admin-listen") ? [] : ["--admin-listen", "off"])
                + arguments,
            environment: environment
        )
    }

    private static func write(_ settings: String, upstream: String?, to folder: TemporaryFolder) throws {
        let upstream = upstream.map { "upstream: http://\($0)\n" } ?? ""
        try FileBytes.write(Array((upstream + settings + "\n").utf8), to: "\(folder.path)/gateway.yaml")
    }

    /// Writes a file beside the configuration; its path.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        try FileBytes.write(bytes, to: "\(folder.path)/\(name)")
        return "\(folder.path)/\(name)"
    }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }

    /// Changes the file; `upstream` is nil where the settings name one, or the file is not to be understood.
    func configure(_ settings: String, upstream: String?) throws {
        try ReloadStack.write(settings, upstream: upstream, to: folder)
    }

    func configure(_ settings: String) throws { try configure(settings, upstream: upstream.address) }

    /// What the gateway has logged.
    var log: [String] { gateway.log }

    /// Has the file read anew, and waits until all workers serve what it says.
    func reload(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let before = log.count { $0 == ReloadStack.done }
        gateway.process.signal(SIGHUP)
        try await eventually("reloaded", within: .seconds(20)) { log.count { $0 == ReloadStack.done } > before }
    }

    /// Has the file read anew that is not good, and waits until as many problems are told; their lines.
    func reloadInVain(problems: Int = 1) async throws -> [String] {
        let prefix = "error: the new configuration is not used: "
        let before = log.count { $0.hasPrefix(prefix) }
        gateway.process.signal(SIGHUP)
        try await eventually("refused", within: .seconds(20)) {
            log.count { $0.hasPrefix(prefix) } >= before + problems
        }
        return log.filter { $0.hasPrefix(prefix) }.dropFirst(before).map { String($0.dropFirst(prefix.count)) }
    }

    func stop() throws {
        let exit = try gateway.stop()
        #expect(exit == .code(0), "\(gateway.process.transcript)")
        #expect(upstream.violations.isEmpty)
        upstream.stop()
    }
}

extension ScriptedUpstream {
    /// Answers each request for a job with that job, and each submit with an id.
    func answerJobs() {
        on(MLTraining.getJob) { .answer(MLTraining.job(id: MLTraining.id(in: $0))) }
        on(MLTraining.submit) { request in
            .answer(ProtobufFixture.message { $0.string(1, "job-\(request.ordinal)") })
        }
    }
}
