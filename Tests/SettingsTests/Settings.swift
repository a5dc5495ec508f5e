import Settings

/// Settings of every kind.
let sampleSettings = [
    Setting(name: "listen", kind: .text, defaultValue: "127.0.0.1:8080"), Setting(name: "upstream", kind: .list),
    Setting(name: "workers", kind: .text), Setting(name: "auto-map", kind: .toggle, defaultValue: "false"),
]

extension LayeredSettings {
    /// Of the sample settings.
    init(_ arguments: [String] = [], _ variables: [String: String] = [:], file: String? = nil) {
        self.init(
            sampleSettings,
            commandLine: CommandLineLayer(arguments, settings: sampleSettings),
            environment: EnvironmentLayer(variables, settings: sampleSettings)
        )
        if let file { add(FileLayer(Array(file.utf8), file: "f", settings: sampleSettings)) }
    }
}
