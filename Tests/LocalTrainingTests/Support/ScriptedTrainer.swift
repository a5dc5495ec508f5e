import GRPCCore
import GRPCProtobuf
import LocalTraining

/// A trainer whose jobs end when the test says so.
actor ScriptedTrainer: Trainer {
    enum Ending {
        case success
        case failure(any Error)
    }

    /// The jobs that are being trained, in the order in which they began.
    private(set) var running: [String] = []
    private(set) var mostAtOnce = 0
    private var linesPerJob = 1
    private var endings: [String: Ending] = [:]

    /// Sets how many lines a job writes when it ends well.
    func setLinesPerJob(_ count: Int) {
        linesPerJob = count
    }

    func end(_ id: String, with ending: Ending = .success) {
        endings[id] = ending
    }

    func train(_ job: JobRecord, log: TrainingLog) async throws -> String {
        running.append(job.id)
        mostAtOnce = max(mostAtOnce, running.count)
        defer { running.removeAll { $0 == job.id } }
        while true {
            switch endings[job.id] {
            case .success:
                for line in 0..<linesPerJob - 1 {
                    try await log.write(.info, "line \(line)")
                }
                try await log.write(.info, "trained \(job.modelName)")
                return "model-of-\(job.id)"
            case .failure(let error):
                throw error
            case nil:
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }
}
