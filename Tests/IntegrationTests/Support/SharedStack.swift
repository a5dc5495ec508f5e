import GatewayTesting
import Testing

/// Starts one gateway and one local service for all tests of a suite and stops them after the last one.
struct SharedStack: SuiteTrait, TestScoping {
    @TaskLocal private static var stack: LocalStack?
    let workers: Int

    /// The suite's processes.
    static var current: LocalStack {
        get throws { try #require(stack) }
    }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let stack = try LocalStack(workers: workers)
        try await Self.$stack.withValue(stack, operation: function)
        try stack.stop()
    }
}

extension Trait where Self == SharedStack {
    /// One ``LocalStack`` for the whole suite.
    static func sharedStack(workers: Int = 1) -> Self { Self(workers: workers) }
}
