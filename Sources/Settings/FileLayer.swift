package import HTTPRules
import ProtobufSchema
import ServiceConfig

/// The settings that a configuration file gives: a YAML mapping, or JSON, whose keys are the flags' names.
///
/// swift-configuration's own reader of YAML knows neither places nor keys that nobody asked for, so the file is read here
/// and becomes a provider of values in memory.
package struct FileLayer: Sendable {
    package struct Value: Hashable, Sendable {
        package let texts: [String]
        package let place: SourcePlace
    }

    /// Largest file, in bytes.
    package static let maximumBytes = ServiceConfig.maximumBytes
    /// Most problems that are told; of more, how many there are.
    package static let maximumProblems = 100

    package private(set) var values: [Setting: Value] = [:]
    package private(set) var problems: [SettingProblem] = []
    private var untold = 0

    /// Reads `text`, the content of the file called `name`.
    ///
    /// `excluded` are settings that a file cannot have.
    package init(_ text: [UInt8], file name: String, settings: [Setting], excluding excluded: [String] = []) {
        let members: [FlatMapping.Member]
        do throws(RouteProblem) {
            members = try FlatMapping(text, file: name).members
        } catch {
            problems.append(SettingProblem(error.message, at: [error.place.description]))
            return
        }
        let known = settings.filter { !excluded.contains($0.name) }
        let byName = Dictionary(known.map { ($0.name, $0) }) { first, _ in first }
        for member in members {
            if let setting = byName[member.key] {
                read(setting, member)
            } else {
                report("there is no setting \"\(member.key)\"\(Self.hint(member.key, known))", member.keyPlace)
            }
        }
        if untold > 0 { problems.append(SettingProblem("there are \(untold) more problems", at: [name])) }
    }

    /// What may have been meant, for the end of a message.
    private static func hint(_ key: String, _ known: [Setting]) -> String {
        if let toggle = known.first(where: { $0.kind == .toggle && "no-\($0.name)" == key }) {
            return "; write \"\(toggle.name): false\""
        }
        return NearestName.hint(key, among: known.map(\.name))
    }

    private mutating func read(_ setting: Setting, _ member: FlatMapping.Member) {
        switch member.value {
        case .scalar(let text): values[setting] = Value(texts: [text], place: member.place)
        case .list(let texts) where setting.kind == .list: values[setting] = Value(texts: texts, place: member.place)
        case .list: report("\(setting.name): expected one value, found a list", member.place)
        case .null:
            report("\(setting.name) has no value; without the key it has its default", member.place)
        case .other(let found):
            let expected = setting.kind == .list ? "a list of values" : "a value"
            report("\(setting.name): expected \(expected), found \(found)", member.place)
        }
    }

    /// `message` is put together for those alone that are told.
    private mutating func report(_ message: @autoclosure () -> String, _ place: SourcePlace) {
        if problems.count < Self.maximumProblems {
            problems.append(SettingProblem(message(), at: [place.description]))
        } else {
            untold += 1
        }
    }
}
