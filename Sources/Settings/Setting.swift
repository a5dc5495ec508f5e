/// A setting of a command, known by its flag's long name wherever it is given.
package struct Setting: Hashable, Sendable {
    /// What it takes.
    package enum Kind: Hashable, Sendable {
        case text
        case list
        /// `true` or `false`; on the command line `--name` or `--no-name`.
        case toggle
    }

    /// What every variable's name begins with.
    package static let variablePrefix = "MLTRAINING_GATEWAY_"

    /// As in `--name VALUE`, and the key in a file.
    package let name: String
    package let kind: Kind
    /// As text, nil for none.
    package let defaultValue: String?

    package init(name: String, kind: Kind, defaultValue: String? = nil) {
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
    }

    /// The environment variable that sets it.
    package var variable: String {
        Self.variablePrefix + name.uppercased().split(separator: "-").joined(separator: "_")
    }

    /// The arguments that give it these values.
    package func arguments(_ values: [String]) -> [String] {
        switch kind {
        // In one, or a value could pass for a flag; but the argument parser takes `--name=` for one without a value.
        case .text, .list: values.flatMap { $0.isEmpty ? ["--\(name)", ""] : ["--\(name)=\($0)"] }
        case .toggle: values == ["true"] ? ["--\(name)"] : []
        }
    }
}
