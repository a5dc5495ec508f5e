/// The values that settings have, where they come from, and all that is wrong with them.
package struct EffectiveSettings: Sendable {
    /// A setting with what it is.
    package struct Entry: Hashable, Sendable {
        package let setting: Setting
        /// One, but for lists; nil where there is neither a value nor a default.
        package let values: [String]?
        /// Nil for the default.
        package let origin: SettingOrigin?
    }

    package let settings: [Setting]
    package private(set) var problems: [SettingProblem]
    /// What is not wrong, but for the operator to know.
    package private(set) var warnings: [String] = []
    /// What is not at its default, by name.
    private var given: [String: LayeredSettings.Given]
    /// The command line without what was refused.
    private var commandLine: [CommandLineLayer.Piece]
    /// Names of settings whose values were refused; the command goes on with their defaults, to find what else is wrong.
    private var refused: Set<String> = []
    /// What the command goes by, by name.
    private var values: [String: [String]]

    /// Reports, besides the problems of the layers, values that cannot be given to the argument parser.
    package init(_ layers: LayeredSettings) throws {
        settings = layers.settings
        problems = layers.problems
        commandLine = layers.commandLine.pieces
        given = try layers.settings.reduce(into: [:]) { $0[$1.name] = try layers.given($1) }
        values = layers.settings.reduce(into: [:]) { $0[$1.name] = $1.defaultValues }
        for setting in settings {
            guard let given = given[setting.name], let fault = setting.fault(in: given.values) else { continue }
            refuse(setting, fault)
        }
    }

    // MARK: Parsing

    /// What `parse`, the command's parser, makes of all that is given, but for what it refuses, which is reported.
    ///
    /// - Parameters:
    ///   - parse: called once if nothing is wrong, otherwise for each value too.
    ///   - fault: what is wrong, from an error of `parse`.
    ///   - texts: the values that settings then have, as text.
    /// - Returns: what `parse` does.
    /// - Throws: the error of `parse` where each value is good by itself, and all of them together are not.
    package mutating func resolve<Options>(
        parse: ([String]) throws -> Options,
        fault: (any Error) -> String,
        texts: (Options) -> [String: [String]]
    ) throws -> Options {
        let options: Options
        do {
            options = try parse(arguments)
        } catch {
            refuseEach { arguments in
                do {
                    _ = try parse(arguments)
                    return nil
                } catch {
                    return fault(error)
                }
            }
            options = try parse(arguments)
        }
        values = texts(options)
        return options
    }

    private mutating func refuseEach(where fault: ([String]) -> String?) {
        for setting in settings {
            let arguments = arguments(of: setting)
            if !arguments.isEmpty, let message = fault(arguments) { refuse(setting, message) }
        }
        for piece in commandLine {
            guard let message = fault(piece.arguments) else { continue }
            commandLine.removeAll { $0 == piece }
            if let setting = settings.first(where: { $0.name == piece.name }) {
                refuse(setting, message)
            } else {
                problems.append(SettingProblem(message, isUsage: true))
            }
        }
    }

    private mutating func refuse(_ setting: Setting, _ message: String) {
        report(message, setting.name)
        refused.insert(setting.name)
        commandLine.removeAll { $0.name == setting.name }
    }

    /// Those of the lower layers, then those of the command line.
    private var arguments: [String] { settings.flatMap(arguments) + commandLine.flatMap(\.arguments) }

    /// What a lower layer says of a setting, as arguments.
    private func arguments(of setting: Setting) -> [String] {
        guard let given = given[setting.name], given.origin != .commandLine, !refused.contains(setting.name)
        else { return [] }
        return setting.arguments(given.values)
    }

    // MARK: Reloading

    /// Gives settings the values that they have in `running`, which is older, where they now have others.
    ///
    /// `fixed` are those that cannot change; of `fixedPresence` it is only whether there is a value. What has been resolved
    /// must be resolved again after a change.
    ///
    /// - Returns: the names of those that would have changed.
    package mutating func keep(
        _ fixed: [String],
        presenceOf fixedPresence: [String],
        of running: EffectiveSettings
    ) -> [String] {
        let changed = settings.map(\.name).filter { name in
            let (new, old) = (values[name], running.values[name])
            return fixed.contains(name) && new != old || fixedPresence.contains(name) && (new == nil) != (old == nil)
        }
        for name in changed { given[name] = running.given[name] }
        return changed
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
        var places: [String] = []
        for name in names {
            guard let place = given[name]?.origin.description, !places.contains(place) else { continue }
            places.append(place)
        }
        if places == [SettingOrigin.commandLine.description] { places = [] }
        // Who wrote one value may not know what the other one is.
        let others = names.count > 1 ? names.filter { given[$0] == nil }.map(defaultHint).joined() : ""
        problems.append(SettingProblem(message + others, at: places, isUsage: places.isEmpty))
    }

    private func defaultHint(_ name: String) -> String {
        guard let values = values[name] else { return "; --\(name) is not given" }
        return "; --\(name) is \(values.joined(separator: ", ")) by default"
    }

    /// Where the values come from, the command line left out.
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

    /// All settings, in their order, with the values that the command goes by; where one was refused, with that.
    package var entries: [Entry] {
        settings.map { setting in
            let given = given[setting.name]
            let refusedValues = refused.contains(setting.name) ? given?.values : nil
            let values = refusedValues ?? values[setting.name]
            return Entry(setting: setting, values: values, origin: given?.origin)
        }
    }

    /// All settings with their values, as a configuration file, and where they come from as comments.
    ///
    /// `excluded` are settings that a file cannot have.
    package func listing(excluding excluded: [String] = []) -> String {
        let shown = entries.filter { !excluded.contains($0.setting.name) }
        let lines = shown.map { entry -> (text: String, comment: String) in
            let name = entry.setting.name
            guard let values = entry.values else { return ("# \(name):", "not set") }
            let texts = values.map { YAMLScalar.text(SettingRedaction.redacted($0)) }
            let value = entry.setting.kind == .list ? "[\(texts.joined(separator: ", "))]" : texts.joined()
            return ("\(name): \(value)", entry.origin?.description ?? "default")
        }
        let width = min(lines.map(\.text.count).max() ?? 0, 48)
        return lines.reduce(into: "") { listing, line in
            let padding = String(repeating: " ", count: max(0, width - line.text.count))
            listing += "\(line.text)\(padding)  # \(line.comment)\n"
        }
    }
}
