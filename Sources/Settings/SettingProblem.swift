/// Something that is wrong with a configuration.
package struct SettingProblem: Error, Hashable, Sendable {
    /// Where the values at fault come from; none where that is the command line alone.
    package let places: [String]
    /// Without the secrets of URLs.
    package let message: String
    /// Whether nothing but the command line is at fault.
    package let isUsage: Bool

    package init(_ message: String, at places: [String] = [], isUsage: Bool = false) {
        self.message = SettingRedaction.redacted(message)
        self.places = places
        self.isUsage = isUsage
    }
}

extension SettingProblem: CustomStringConvertible {
    /// `places: message`.
    package var description: String {
        places.isEmpty ? message : "\(places.joined(separator: ", ")): \(message)"
    }
}
