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

    package private(set) var values: [Setting: Value] = [:]
    package private(set) var problems: [SettingProblem] = []

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
        for member in members {
            guard let setting = known.first(where: { $0.name == member.key }) else {
                let hint = NearestName.hint(member.key, among: known.map(\.name))
                report("there is no setting \"\(member.key)\"\(hint)", member.keyPlace)
                continue
            }
            read(setting, member)
        }
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

    private mutating func report(_ message: String, _ place: SourcePlace) {
        problems.append(SettingProblem(message, at: [place.description]))
    }
}
