/// The settings that a command line gives, and the arguments of each.
///
/// Only groups arguments: which of them are good, and what they mean, is up to the argument parser alone.
package struct CommandLineLayer: Sendable {
    /// Arguments that belong together: those of a setting, or of nothing that there is.
    package struct Piece: Hashable, Sendable {
        /// Of a setting, nil for none.
        package let name: String?
        package let arguments: [String]
    }

    /// As text.
    package private(set) var values: [Setting: [String]] = [:]
    /// All arguments, in their order.
    package private(set) var pieces: [Piece] = []

    package init(_ arguments: some Sequence<String>, settings: [Setting]) {
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            guard argument != "--" else {
                // Behind it everything is a value, and no setting is given by one alone.
                pieces.append(Piece(name: nil, arguments: [argument] + rest))
                return
            }
            guard argument.hasPrefix("--") else {
                pieces.append(Piece(name: nil, arguments: [argument]))
                continue
            }
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            let toggle = settings.first { $0.kind == .toggle && ($0.name == name || "no-\($0.name)" == name) }
            if let setting = toggle {
                values[setting] = [setting.name == name ? "true" : "false"]
                pieces.append(Piece(name: setting.name, arguments: [argument]))
                continue
            }
            var piece = [argument]
            if parts.count == 1, let next = rest.first, Self.isValue(next) {
                rest.removeFirst()
                piece.append(next)
            }
            let setting = settings.first { $0.name == name }
            pieces.append(Piece(name: setting?.name, arguments: piece))
            // The argument parser takes `--name=` for one without a value.
            let value = parts.count > 1 && !parts[1].isEmpty ? String(parts[1]) : piece.dropFirst().first
            guard let setting, let value else { continue }
            values[setting] = (setting.kind == .list ? values[setting] ?? [] : []) + [value]
        }
    }

    /// Whether an argument is the value of the option before it.
    ///
    /// A negative number is none to the argument parser, which should complain of the two in one.
    private static func isValue(_ argument: String) -> Bool {
        guard argument.hasPrefix("-"), argument != "-" else { return true }
        return NumberText.isNumber(argument)
    }
}
