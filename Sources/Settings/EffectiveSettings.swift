/// The values that settings have, where they come from, and all that is wrong with them.
package struct EffectiveSettings: Sendable {
    package let settings: [Setting]
    package private(set) var problems: [SettingProblem]
    /// What is not wrong, but for the operator to know.
    package private(set) var warnings: [String] = []
    /// What is not at its default, by name.
    private var given: [String: LayeredSettings.Given]
    /// Names of settings whose values were refused; the command goes on with their defaults, to find what else is wrong.
    private var refused: Set<String> = []

    package init(_ layers: LayeredSettings) throws {
        settings = layers.settings
        problems = layers.problems
        given = try layers.settings.reduce(into: [:]) { $0[$1.name] = try layers.given($1) }
    }

    /// Refuses each value that did not come from the command line, which has been parsed, and is none for its setting.
    ///
    /// `fault` says what is wrong with arguments, nil for nothing.
    package mutating func refuseValues(where fault: ([String]) -> String?) {
        for setting in settings {
            guard let given = given[setting.name], given.origin != .commandLine else { continue }
            if setting.kind == .toggle, let text = given.values.first, !["true", "false"].contains(text) {
                refuse(setting, "--\(setting.name) is true or false, not \"\(text)\"")
            } else if let message = fault(setting.arguments(given.values)) {
                refuse(setting, message)
            }
        }
    }

    private mutating func refuse(_ setting: Setting, _ message: String) {
        report(message, setting.name)
        refused.insert(setting.name)
    }

    /// Takes the values of these settings from `running`, which is older, where they have changed.
    ///
    /// - Returns: the names of those that have.
    package mutating func keep(_ names: [String], of running: EffectiveSettings) -> [String] {
        let changed = names.filter { given[$0]?.values != running.given[$0]?.values }
        for name in changed { given[name] = running.given[name] }
        return changed
    }

    /// The arguments to be put before those of the command line.
    package var arguments: [String] {
        settings.flatMap { setting in
            guard let given = given[setting.name], given.origin != .commandLine, !refused.contains(setting.name)
            else { return [String]() }
            return setting.arguments(given.values)
        }
    }

    // MARK: Problems

    /// Reports what is wrong with the values of settings.
    package mutating func report(_ message: String, _ names: String...) { report(message, about: names) }

    package mutating func warn(_ message: String) { warnings.append(message) }

    /// Checks that a number is in its range; nil always is.
    package mutating func expect<Number: Comparable>(
        _ name: String,
        _ value: Number?,
        in range: ClosedRange<Number>
    ) {
        guard let value, !range.contains(value) else { return }
        report("--\(name) must be from \(text(range.lowerBound)) to \(text(range.upperBound))", name)
    }

    /// What `body` makes of the value of a setting, nil if it throws, which is reported.
    package mutating func parse<Result>(_ name: String, _ body: () throws -> Result) -> Result? {
        do {
            return try body()
        } catch {
            report("--\(name): \(error)", name)
            return nil
        }
    }

    /// What `body` reads from the files that these settings name, nil if it throws, which is reported.
    package mutating func load<Result>(_ names: String..., body: () throws -> Result) -> Result? {
        do {
            return try body()
        } catch {
            problems.append(SettingProblem("\(error)", at: places(names)))
            return nil
        }
    }

    private mutating func report(_ message: String, about names: [String]) {
        // Of a value that was refused, the default is seen here, at which nobody is at fault.
        guard refused.isDisjoint(with: names) else { return }
        let places = places(names)
        problems.append(SettingProblem(message, at: places, isUsage: places.isEmpty))
    }

    private func places(_ names: [String]) -> [String] {
        names.compactMap { name in
            guard let origin = given[name]?.origin, origin != .commandLine else { return nil }
            return origin.description
        }
    }

    private func text(_ bound: some Comparable) -> String {
        guard let bound = bound as? Double, let whole = Int(exactly: bound) else { return "\(bound)" }
        return "\(whole)"
    }

    // MARK: Listing

    /// A setting with what it is.
    package struct Entry: Hashable, Sendable {
        package let setting: Setting
        /// One, but for lists; nil where there is neither a value nor a default.
        package let values: [String]?
        /// Nil for the default.
        package let origin: SettingOrigin?
    }

    /// All settings, in their order.
    package var entries: [Entry] {
        settings.map { setting in
            let given = given[setting.name]
            return Entry(
                setting: setting,
                values: given?.values ?? setting.defaultValue.map { [$0] },
                origin: given?.origin
            )
        }
    }

    /// All settings with their values, as a configuration file, and where they come from as comments.
    ///
    /// `excluded` are settings that a file cannot have.
    package func listing(excluding excluded: [String] = []) -> String {
        let lines = settings.filter { !excluded.contains($0.name) }.map { setting -> (text: String, comment: String) in
            let given = given[setting.name]
            guard let values = given?.values ?? setting.defaultValue.map({ [$0] }) else {
                return ("# \(setting.name):", "not set")
            }
            let texts = values.map(YAMLScalar.text)
            let value = setting.kind == .list ? "[\(texts.joined(separator: ", "))]" : texts.joined()
            return ("\(setting.name): \(value)", given?.origin.description ?? "default")
        }
        let width = min(lines.map(\.text.count).max() ?? 0, 48)
        return lines.reduce(into: "") { listing, line in
            let padding = String(repeating: " ", count: max(0, width - line.text.count))
            listing += "\(line.text)\(padding)  # \(line.comment)\n"
        }
    }
}
