import ProtobufSchema

/// The settings that environment variables give.
package struct EnvironmentLayer: Sendable {
    /// The variables of settings, and no others.
    package let variables: [String: String]
    /// Variables with the prefix that set nothing.
    package let problems: [SettingProblem]

    /// Looks at those of `variables` that begin with the prefix.
    package init(_ variables: [String: String], settings: [Setting]) {
        let names = settings.map(\.variable)
        let ours = variables.filter { $0.key.hasPrefix(Setting.variablePrefix) }
        self.variables = ours.filter { names.contains($0.key) }
        problems = ours.sorted { $0.key < $1.key }.compactMap { name, value in
            guard !names.contains(name), !Self.isServiceLink(name, value) else { return nil }
            return SettingProblem("there is no such setting\(NearestName.hint(name, among: names))", at: [name])
        }
    }

    /// Whether it is one of the variables by which Kubernetes tells the containers of a pod where services are.
    ///
    /// Those of a service called `mltraining-gateway` begin as settings do: `…_SERVICE_HOST`, `…_SERVICE_PORT`,
    /// `…_SERVICE_PORT_NAME`, `…_PORT` with a URL, `…_PORT_80_TCP` and its `_PROTO`, `_PORT` and `_ADDR`.
    private static func isServiceLink(_ name: String, _ value: String) -> Bool {
        let words = name.split(separator: "_")
        let isURL = ["tcp://", "udp://", "sctp://"].contains(where: value.hasPrefix)
        if words.last == "PORT", isURL { return true }
        return words.indices.dropLast().contains { index in
            switch (words[index], words[index + 1]) {
            case ("SERVICE", "HOST"): index + 2 == words.count
            case ("SERVICE", "PORT"): true
            case ("PORT", let number): Int(number) != nil && index + 2 < words.count
            default: false
            }
        }
    }
}
