/// The log of one job, as the one who trains it sees it.
package struct TrainingLog: Sendable {
    private let jobID: String
    private let store: TrainingStore
    private let now: @Sendable () -> UnixTime

    init(jobID: String, store: TrainingStore, now: @escaping @Sendable () -> UnixTime) {
        self.jobID = jobID
        self.store = store
        self.now = now
    }

    /// Writes lines, all of them or none, with the present time.
    package func write(_ level: LogLevel, _ messages: String...) async throws {
        let time = now()
        try await store.append(
            messages.map { LogRecord(jobID: jobID, time: time, level: level, message: $0) }
        )
    }
}
