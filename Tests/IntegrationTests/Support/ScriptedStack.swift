import GatewayTesting
import Testing

/// A gateway in front of an upstream that does what a test tells it.
final class ScriptedStack: Sendable {
    let upstream: ScriptedUpstream
    let gateway: GatewayProcess
    private let scripts = Monitor<[Script]>([])

    init(workers: Int = 1, _ arguments: [String] = []) throws {
        upstream = try ScriptedUpstream()
        gateway = try GatewayProcess(upstream, workers: workers, arguments)
        let scripts = scripts
        // Each answer asked for has a job of its own, whose id is the place of its script.
        upstream.on(MLTraining.getJob) { request in
            let list = scripts.read { $0 }
            guard let index = Int(MLTraining.id(in: request)), list.indices.contains(index) else {
                return .answer(MLTraining.job(id: MLTraining.id(in: request)))
            }
            return list[index]
        }
    }

    /// The target of a `GET` that the upstream meets with `script`.
    func target(for script: Script) -> String {
        let index = scripts.update { scripts in
            scripts.append(script)
            return scripts.count - 1
        }
        return "/v1/jobs/\(index)"
    }

    /// What a client sees of `script`.
    func answer(to script: Script, headers: HeaderList = [:]) throws -> Answer {
        try gateway.get(target(for: script), headers: headers)
    }

    func stop() throws {
        let exit = try gateway.stop()
        #expect(exit == .code(0), "\(gateway.process.transcript)")
        #expect(upstream.violations.isEmpty)
        upstream.stop()
    }
}

/// Starts one ``ScriptedStack`` for all tests of a suite and stops it after the last one.
struct SharedScriptedStack: SuiteTrait, TestScoping {
    @TaskLocal private static var stack: ScriptedStack?
    let arguments: [String]

    /// The suite's gateway and upstream.
    static var current: ScriptedStack {
        get throws { try #require(stack) }
    }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let stack = try ScriptedStack(arguments)
        try await Self.$stack.withValue(stack, operation: function)
        try stack.stop()
    }
}

extension Trait where Self == SharedScriptedStack {
    /// One ``ScriptedStack`` for the whole suite, its gateway started with `arguments`.
    static func sharedScriptedStack(_ arguments: String...) -> Self { Self(arguments: arguments) }
}
