import ArgumentParser
import Gateway
import Glibc
import Logging

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves until SIGINT or SIGTERM.",
        discussion: """
            Requests are matched against HTTP rules, those of the descriptor set (google.api.http) and those of \
            --http-rules, transcoded to protobuf and forwarded to the upstream over HTTP/2.

            Each option can also be given by an environment variable, MLTRAINING_GATEWAY_ and its name in capitals with _ \
            for - (MLTRAINING_GATEWAY_MAX_BODY_BYTES=1048576), or in the file of --config, as a member of a YAML mapping \
            or JSON object with its name as the key (max-body-bytes: 1048576). The command line wins over the \
            environment, and that over the file. Flags are true or false there, several values a YAML list, or in a \
            variable separated by commas. `check` says what comes of it all.
            """
    )

    /// For help and completions; what counts is what all layers together make of them, see ``LayeredOptions``.
    @OptionGroup var options: ServeOptions

    func run() throws {
        let reader = ConfigurationReader()
        var (api, configuration) = try reader.start()
        configuration.serviceManager = ServiceManager.take()
        let gateway = try Gateway(api: api, configuration: configuration)
        let ending = try gateway.run(
            onListening: {
                if let address = gateway.adminAddress { print("mltraining-gateway admin listening on \(address)") }
                // Tests and scripts wait for this line.
                print("mltraining-gateway listening on \(gateway.address)")
                fflush(nil)
            },
            reload: reader.reload
        )
        guard ending == .hurried else { return }
        LogSettings.shared.logger.error("asked to stop twice, so requests in flight were not waited for")
        throw ExitCode.failure
    }

    /// All that is wrong where the arguments could not be parsed; nil for nothing.
    static func faults() throws -> (any Error)? {
        var options = try LayeredOptions(StartInputs())
        return options.load() == nil ? options.failure : nil
    }
}
