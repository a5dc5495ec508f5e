import Settings

/// Settings of every kind.
let sampleSettings = [
    Setting(name: "listen", kind: .text, defaultValues: ["127.0.0.1:8080"]), Setting(name: "upstream", kind: .list),
    Setting(name: "workers", kind: .wholeNumber), Setting(name: "auto-map", kind: .toggle, defaultValues: ["false"]),
    Setting(name: "deadline", kind: .number, defaultValues: ["15"]),
    Setting(name: "origins", kind: .list, defaultValues: ["here"]),
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
