import ArgumentParser
import FoundationEssentials
import Settings

extension ServeCommand {
    /// What the argument parser tells tools about a command, as far as it is of use here.
    private struct ToolInfo: Decodable {
        struct Name: Decodable {
            let name: String
        }

        struct Argument: Decodable {
            let kind: String
            let preferredName: Name?
            let isRepeating: Bool
            let defaultValue: String?
        }

        struct Command: Decodable {
            let arguments: [Argument]
        }

        let command: Command
    }

    /// Every option is a setting, so that what is declared as one can be given everywhere.
    static func settings() throws -> [Setting] {
        let info = try JSONDecoder().decode(ToolInfo.self, from: Data(_dumpHelp().utf8))
        let arguments = info.command.arguments
        let names = Set(arguments.compactMap(\.preferredName?.name))
        return arguments.compactMap { argument in
            guard let name = argument.preferredName?.name, name != "help" else { return nil }
            guard argument.kind == "flag" else {
                let kind: Setting.Kind = argument.isRepeating ? .list : .text
                return Setting(name: name, kind: kind, defaultValue: argument.defaultValue)
            }
            // The other half of a flag that can be turned off.
            if name.hasPrefix("no-"), names.contains(String(name.dropFirst(3))) { return nil }
            return Setting(name: name, kind: .toggle, defaultValue: "false")
        }
    }
}
