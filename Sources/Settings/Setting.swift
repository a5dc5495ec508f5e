/// A setting of a command, known by its flag's long name wherever it is given.
package struct Setting: Hashable, Sendable {
    /// What it takes.
    package enum Kind: Hashable, Sendable {
        case text
        /// A number without a fraction, see ``NumberText``.
        case wholeNumber
        /// A number, see ``NumberText``.
        case number
        case list
        /// `true` or `false`; on the command line `--name` or `--no-name`.
        case toggle
    }

    /// What every variable's name begins with.
    package static let variablePrefix = "MLTRAINING_GATEWAY_"
    /// Most values of a list; the argument parser takes time that grows with the square of their number.
    package static let maximumListCount = 1000

    /// As in `--name VALUE`, and the key in a file.
    package let name: String
    package let kind: Kind
    /// What it has where it is not given, nil for nothing.
    package let defaultValues: [String]?

    package init(name: String, kind: Kind, defaultValues: [String]? = nil) {
        self.name = name
        self.kind = kind
        self.defaultValues = defaultValues
    }

    /// The environment variable that sets it.
    package var variable: String {
        Self.variablePrefix + name.uppercased().split(separator: "-").joined(separator: "_")
    }

    /// The arguments that give it these values, of which it takes that many.
    package func arguments(_ values: [String]) -> [String] {
        switch kind {
        // In one, or a value could pass for a flag; but the argument parser takes `--name=` for one without a value.
        case .text, .wholeNumber, .number, .list:
            values.flatMap { $0.isEmpty ? ["--\(name)", ""] : ["--\(name)=\($0)"] }
        case .toggle: values == ["true"] ? ["--\(name)"] : ["--no-\(name)"]
        }
    }

    /// What is wrong with values that could not be given to it as arguments, or would be taken for others; nil for nothing.
    func fault(in values: [String]) -> String? {
        let text = values.first ?? ""
        switch kind {
        case .toggle where !["true", "false"].contains(text):
            return "--\(name) is true or false, not \"\(text)\""
        case .wholeNumber where !NumberText.isWhole(text):
            return "--\(name) must be a whole number, not \"\(text)\""
        case .number where !NumberText.isNumber(text):
            return "--\(name) must be a number such as 10 or 2.5, not \"\(text)\""
        case .list where values.isEmpty:
            // No arguments at all would stand for the default.
            guard let defaultValues, !defaultValues.isEmpty else { return nil }
            let meant = defaultValues.joined(separator: ", ")
            return "--\(name) must have a value; \(meant) is meant where it is not given"
        case .list where values.count > Self.maximumListCount:
            return "--\(name) has \(values.count) values, and may have \(Self.maximumListCount)"
        default:
            return nil
        }
    }
}
