/// The settings that a command line gives.
///
/// Only for one that the argument parser has accepted: what is no setting is passed over.
package struct CommandLineLayer: Sendable {
    /// As text.
    package private(set) var values: [Setting: [String]] = [:]

    package init(_ arguments: some Sequence<String>, settings: [Setting]) {
        var rest = arguments.prefix { $0 != "--" }.makeIterator()
        while let argument = rest.next() {
            guard argument.hasPrefix("--") else { continue }
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            if let setting = settings.first(where: { $0.name == name }) {
                switch setting.kind {
                case .toggle: values[setting] = ["true"]
                case .text: values[setting] = [parts.count > 1 ? String(parts[1]) : rest.next() ?? ""]
                case .list: values[setting, default: []].append(parts.count > 1 ? String(parts[1]) : rest.next() ?? "")
                }
            } else if let setting = settings.first(where: { $0.kind == .toggle && "no-\($0.name)" == name }) {
                values[setting] = ["false"]
            }
        }
    }
}
