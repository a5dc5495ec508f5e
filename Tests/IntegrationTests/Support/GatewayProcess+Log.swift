import GatewayTesting

extension GatewayProcess {
    /// What the gateway has logged on standard error: lines such as `notice: serving the new configuration`, their times
    /// left out.
    var log: [String] {
        process.lines(.error).map { line in
            guard let space = line.firstIndex(of: " "), line[..<space].hasSuffix("Z") else { return line }
            return String(line[line.index(after: space)...])
        }
    }

    /// Waits until there is a message with `prefix` beside the first `skipped` ones of the kind, and returns it.
    func waitForLog(_ prefix: String, after skipped: Int = 0) async throws -> String {
        let matching = { self.log.filter { $0.hasPrefix(prefix) }.dropFirst(skipped) }
        try await eventually("logged: \(prefix)", within: .seconds(20)) { matching().first != nil }
        return matching().first ?? ""
    }
}
