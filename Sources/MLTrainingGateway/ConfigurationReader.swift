import Gateway
import Logging
import Settings

/// Reads the configuration of `serve`: at its start, and again on each reload.
///
/// Used on the main thread.
final class ConfigurationReader {
    private let inputs = StartInputs()
    private let logger = LogSettings.shared.logger
    /// The settings in effect.
    private var running: EffectiveSettings?

    /// What the gateway is to start with.
    func start() throws -> Gateway.Reading {
        var options = try LayeredOptions(inputs)
        // The code that has read the options takes as much memory as what makes documents, and is done.
        ProcessMemory.giveBackCode()
        guard let reading = options.load() else { throw options.failure }
        options.configureLog()
        for warning in options.effective.warnings { logger.warning("\(warning)") }
        running = options.effective
        return reading
    }

    /// What it is to go on with; nil if anything is wrong, which is said then.
    func reload() -> Gateway.Reading? {
        do {
            var options = try LayeredOptions(inputs, running: running)
            if !options.heldBack.isEmpty {
                // What the next start would fail with must not go unnoticed until then.
                var whole = try LayeredOptions(inputs)
                guard whole.load() != nil else { throw whole.problems }
            }
            guard let reading = options.load() else { throw options.problems }
            running = options.effective
            options.configureLog()
            let names = options.heldBack.map { "--\($0)" }.joined(separator: ", ")
            if !names.isEmpty { logger.warning("to change \(names) takes a restart; the rest is taken over") }
            for warning in options.effective.warnings { logger.warning("\(warning)") }
            return reading
        } catch {
            let messages = (error as? ConfigurationProblems)?.messages ?? ["\(error)"]
            for message in messages { logger.error("the new configuration is not used: \(message)") }
            return nil
        }
    }
}
