import Configuration

/// What is given for each setting, by the first layer that has it: the command line, then the environment, then a file.
///
/// A list is taken from one layer as a whole. Nothing here knows what values mean but that a toggle is on or off.
package struct LayeredSettings: Sendable {
    package struct Given: Hashable, Sendable {
        /// One, but for lists.
        package let values: [String]
        package let origin: SettingOrigin
    }

    private struct Layer: Sendable {
        let provider: any ConfigProvider
        /// The origin of what the provider found for a setting, from the key under which it did.
        let origin: @Sendable (Setting, _ encodedKey: String) -> SettingOrigin?
    }

    package let settings: [Setting]
    package let commandLine: CommandLineLayer
    /// Those of the layers.
    package private(set) var problems: [SettingProblem]
    private var layers: [Layer]

    package init(_ settings: [Setting], commandLine: CommandLineLayer, environment: EnvironmentLayer) {
        self.settings = settings
        self.commandLine = commandLine
        problems = environment.problems
        let values = commandLine.values.map { (Self.key($0), Self.content($0, $1)) }
        let arguments = InMemoryProvider(name: "command line", values: Dictionary(uniqueKeysWithValues: values))
        // Turns the key `keepalive-time` into MLTRAINING_GATEWAY_KEEPALIVE_TIME and splits lists at commas.
        let variables = EnvironmentVariablesProvider(environmentVariables: environment.variables)
            .prefixKeys(with: ConfigKey(["mltraining-gateway"]))
        layers = [
            Layer(provider: arguments) { _, _ in .commandLine },
            Layer(provider: variables) { _, variable in .variable(variable) },
        ]
    }

    /// Puts a file below the layers that there are.
    package mutating func add(_ file: FileLayer) {
        problems += file.problems
        let values = file.values.map { (Self.key($0), Self.content($0, $1.texts)) }
        let provider = InMemoryProvider(name: "file", values: Dictionary(uniqueKeysWithValues: values))
        layers.append(Layer(provider: provider) { setting, _ in file.values[setting].map { .file($0.place) } })
    }

    /// Reports that the file could not be read which a setting names.
    package mutating func report(_ message: String, about origin: SettingOrigin) {
        let places = origin == .commandLine ? [] : [origin.description]
        problems.append(SettingProblem(message, at: places))
    }

    private static func key(_ setting: Setting) -> AbsoluteConfigKey { AbsoluteConfigKey([setting.name]) }

    private static func content(_ setting: Setting, _ texts: [String]) -> ConfigValue {
        let content: ConfigContent = setting.kind == .list ? .stringArray(texts) : .string(texts.first ?? "")
        return ConfigValue(content, isSecret: false)
    }

    // MARK: Looking up

    /// What is given for a setting, nil if it has its default.
    package func given(_ setting: Setting) throws -> Given? {
        for layer in layers {
            let found = try layer.provider.value(
                forKey: Self.key(setting),
                type: setting.kind == .list ? .stringArray : .string
            )
            guard let value = found.value, let origin = layer.origin(setting, found.encodedKey) else { continue }
            switch value.content {
            case .string(let text): return Given(values: [text], origin: origin)
            // An empty variable splits into one empty text.
            case .stringArray(let texts): return Given(values: texts == [""] ? [] : texts, origin: origin)
            default: continue
            }
        }
        return nil
    }

    /// The same by name.
    package func given(_ name: String) throws -> Given? {
        try settings.first { $0.name == name }.flatMap(given)
    }
}
