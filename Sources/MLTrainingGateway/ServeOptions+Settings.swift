import ArgumentParser
import Settings

extension ServeOptions {
    /// Every option is a setting, so that what is declared as one can be given everywhere.
    static func settings() throws -> [Setting] { try OptionReflection(parse([])).settings }

    /// The values of all settings, as text; those that have none are missing.
    var texts: [String: [String]] {
        OptionReflection(self).settings.reduce(into: [:]) { $0[$1.name] = $1.defaultValues }
    }
}
