package import GRPCCore
import GRPCProtobuf
package import MLTrainingMessages
import SwiftProtobuf

/// Answers the calls of `grpc.health.v1.Health`: everything is served until the server shuts down.
package actor HealthService: Grpc_Health_V1_Health.SimpleServiceProtocol {
    private typealias Status = Grpc_Health_V1_HealthCheckResponse.ServingStatus

    private let services: Set<String>
    private var isServing = true
    private var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
    private var lastWatcher = 0

    /// - Parameter services: Full names of the services; the server as a whole is always one.
    package init(services: [String]) {
        self.services = Set(services + [""])
    }

    package func check(
        request: Grpc_Health_V1_HealthCheckRequest,
        context: ServerContext
    ) async throws -> Grpc_Health_V1_HealthCheckResponse {
        guard services.contains(request.service) else {
            throw GoogleRPCStatus(
                code: .notFound,
                message: "no service \(request.service)",
                details: .resourceInfo(
                    type: "service",
                    name: request.service,
                    errorDescription: "this server does not serve it"
                )
            )
        }
        return .with { $0.status = isServing ? .serving : .notServing }
    }

    package func watch(
        request: Grpc_Health_V1_HealthCheckRequest,
        response: RPCWriter<Grpc_Health_V1_HealthCheckResponse>,
        context: ServerContext
    ) async throws {
        let isKnown = services.contains(request.service)
        try await response.write(.with { $0.status = status(isKnown: isKnown) })
        guard isServing else {
            return
        }
        let (changes, signal) = AsyncStream<Void>.makeStream()
        lastWatcher += 1
        let watcher = lastWatcher
        watchers[watcher] = signal
        defer { watchers[watcher] = nil }
        // Ends when the client goes away, which cancels this task, or at the shutdown.
        for await _ in changes {
            try await response.write(.with { $0.status = status(isKnown: isKnown) })
        }
    }

    /// Tells every watcher that nothing is served any more, and ends their calls.
    package func shutDown() {
        isServing = false
        for signal in watchers.values {
            signal.yield()
            signal.finish()
        }
    }

    private func status(isKnown: Bool) -> Status {
        guard isKnown else {
            return .serviceUnknown
        }
        return isServing ? .serving : .notServing
    }
}
