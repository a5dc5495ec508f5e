import GRPCCore
import GRPCProtobuf

/// A trainer that trains nothing: it takes its time and writes a log such as a training writes.
package struct SampleTrainer: Trainer {
    /// The argument of a custom job that makes it fail half-way, its value being the reason.
    package static let failureArgument = "simulate_failure"

    /// Domain of the `google.rpc.ErrorInfo` in errors that the local service makes up.
    package static let errorDomain = "mltraining-local"

    private static let epochs = 40

    /// How long a job takes, as long as it is not told to stop.
    private let duration: Duration

    package init(duration: Duration) {
        self.duration = duration
    }

    package func train(_ job: JobRecord, log: TrainingLog) async throws -> String {
        do {
            try await log.write(.info, "sample training of \(job.modelName), \(Self.epochs) epochs; nothing is learned")
            for epoch in 1...Self.epochs {
                try await Task.sleep(for: duration / Self.epochs)
                try await log.write(.info, Self.loss(epoch), Self.accuracy(epoch), "epoch \(epoch): checkpoint saved")
                if epoch == Self.epochs / 2, let reason = job.arguments[Self.failureArgument] {
                    try await log.write(.error, "training failed: \(reason)")
                    throw TrainingFailure(status: Self.simulatedFailure(reason))
                }
            }
        } catch is CancellationError {
            // A real training does not stop at once either. A cancelled task cannot sleep, so another one does.
            let windDown = min(duration / 10, .milliseconds(500))
            await Task { try? await Task.sleep(for: windDown) }.value
            throw CancellationError()
        }
        try await log.write(.info, "training of \(job.modelName) ended")
        return "\(job.organizationID):\(job.modelName)"
    }

    /// The loss falls as a hyperbola does, in thousandths so that every platform prints the same.
    private static func loss(_ epoch: Int) -> String {
        "epoch \(epoch): loss 0.\(threeDigits(900 / (epoch + 1) + 20))"
    }

    private static func accuracy(_ epoch: Int) -> String {
        "epoch \(epoch): validation accuracy 0.\(threeDigits(980 - 700 / (epoch + 1)))"
    }

    private static func threeDigits(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    }

    private static func simulatedFailure(_ reason: String) -> GoogleRPCStatus {
        GoogleRPCStatus(
            code: .failedPrecondition,
            message: "the training script failed: \(reason)",
            details: .errorInfo(
                reason: "SIMULATED_FAILURE",
                domain: errorDomain,
                metadata: ["argument": failureArgument]
            )
        )
    }
}
