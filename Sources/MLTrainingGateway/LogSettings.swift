import EventLoop
import Logging

/// What is logged, and how, for all loggers of the process; can be changed while it runs.
final class LogSettings: Sendable {
    private struct State {
        var level = Logger.Level.notice
        var format = StandardErrorLog.Format.text
        /// Asked for by a signal.
        var isDebugging = false
    }

    static let shared = LogSettings()

    private let state = Locked(State())
    /// The process's logger; the logging system is set up with it, which is possible once.
    let logger: Logger

    private init() {
        LoggingSystem.bootstrap { _ in StandardErrorLog() }
        logger = Logger(label: "mltraining-gateway")
    }

    /// The level and the format that were configured; a signal's wish for debugging stays.
    func configure(_ level: Logger.Level, _ format: StandardErrorLog.Format) {
        state.withLock { state in
            state.level = level
            state.format = format
        }
    }

    /// The least level that is logged now.
    var level: Logger.Level { state.withLock { $0.isDebugging ? min($0.level, .debug) : $0.level } }

    var format: StandardErrorLog.Format { state.withLock(\.format) }

    /// Turns the level debug on, or off again, and says so whatever the level is.
    func toggleDebug() {
        let isOn = state.withLock { state in
            state.isDebugging.toggle()
            return state.isDebugging
        }
        let text: Logger.Message =
            isOn ? "logging debug messages, until the next SIGUSR1" : "logging no more debug messages"
        StandardErrorLog.write(.notice, text, ["level": "\(level)"], as: format)
    }
}
