package import HTTPRules

/// Where the value of a setting comes from.
package enum SettingOrigin: Hashable, Sendable {
    case commandLine
    /// An environment variable, by its name.
    case variable(String)
    /// The configuration file, and where in it.
    case file(SourcePlace)
}

extension SettingOrigin: CustomStringConvertible {
    package var description: String {
        switch self {
        case .commandLine: "command line"
        case .variable(let name): name
        case .file(let place): place.description
        }
    }
}
