import ArgumentParser
import Gateway
import Logging
import Settings

/// What `serve` tells of itself and of requests.
struct ObservabilityOptions: ParsableArguments {
    enum AccessLogFormat: String, CaseIterable, ExpressibleByArgument {
        case off, json, common
    }

    enum LogLevel: String, CaseIterable, ExpressibleByArgument {
        case trace, debug, info, notice, warning, error
    }

    @Option(
        help: ArgumentHelp(
            "Log each request: off, json (an object a line) or common (common log format, with referer and user agent).",
            valueName: "format"
        )
    )
    var accessLog = AccessLogFormat.off

    @Option(
        help: ArgumentHelp("A file that the access log is appended to. (default: standard output)", valueName: "file"),
        completion: .file()
    )
    var accessLogFile: String?

    @Option(
        help: ArgumentHelp(
            "Least level of what is told on standard error: trace, debug, info, notice, warning or error.",
            valueName: "level"
        )
    )
    var logLevel = LogLevel.notice

    @Option(help: ArgumentHelp("Lines on standard error as text or json.", valueName: "format"))
    var logFormat = StandardErrorLog.Format.text

    /// Reports what is wrong with the options.
    func check(_ effective: inout EffectiveSettings) {
        if accessLogFile != nil, accessLog == .off {
            effective.report("--access-log-file is for --access-log json or common", "access-log-file", "access-log")
        }
        if accessLogFile?.isEmpty == true { effective.report("--access-log-file names no file", "access-log-file") }
    }

    /// Has log messages go out as these options say.
    func configureLog() {
        LogSettings.shared.configure(Logger.Level(rawValue: logLevel.rawValue) ?? .notice, logFormat)
    }

    /// Puts the options into a configuration; `effective` is what `/config` is to show.
    func apply(to configuration: inout GatewayConfiguration, _ effective: EffectiveSettings) {
        if let format = AccessLogConfiguration.Format(rawValue: accessLog.rawValue) {
            configuration.accessLog = AccessLogConfiguration(format: format, path: accessLogFile)
        }
        let settings = LogSettings.shared
        configuration.logger = settings.logger
        configuration.onUserSignal = { settings.toggleDebug() }
        configuration.listing = ConfigurationListing.json(effective)
    }
}

extension StandardErrorLog.Format: ExpressibleByArgument {}
