import GRPCCore
import MLTrainingMessages

/// Answers the calls of `viam.app.mltraining.v1.MLTrainingService`.
///
/// A handler checks its request, asks the store and wraps the answer. What is wrong is thrown as a
/// `GoogleRPCStatus`, whose details gRPC sends along. The handlers are in extensions, by resource.
package struct TrainingService: Viam_App_Mltraining_V1_MLTrainingService.SimpleServiceProtocol {
    let store: TrainingStore
    let runner: JobRunner
    let now: @Sendable () -> UnixTime
    /// The most log lines in one answer.
    let logPageSize: Int

    package init(
        store: TrainingStore,
        runner: JobRunner,
        now: @escaping @Sendable () -> UnixTime,
        logPageSize: Int
    ) {
        self.store = store
        self.runner = runner
        self.now = now
        self.logPageSize = logPageSize
    }
}
