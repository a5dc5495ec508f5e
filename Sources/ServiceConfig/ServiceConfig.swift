package import HTTPRules

/// A gRPC API service configuration: the YAML form of `google.api.Service`, of which only `http` is looked at.
///
///     type: google.api.Service
///     config_version: 3
///     http:
///       rules:
///         - selector: pkg.Service.Method
///           get: /v1/things/{name}
///
/// JSON is YAML, so the same in JSON will do.
package enum ServiceConfig {
    /// Largest file, in bytes, which is some thousand rules; the tree of a YAML text takes a hundred times its memory.
    package static let maximumBytes = 1 << 20

    /// Reads the HTTP rules of `text`, the content of the file called `name`.
    ///
    /// Throws if the file is no service configuration at all; what is wrong with single rules is in
    /// ``RuleFile/problems``, to be told together with what the schema has to say about the others.
    package static func rules(_ text: [UInt8], file name: String) throws(RouteErrors) -> RuleFile {
        do throws(RouteProblem) {
            let root = try YAMLText(text, file: name).parse()
            var reader = RuleFileReader(file: name)
            try reader.read(root)
            return reader.ruleFile
        } catch {
            throw RouteErrors(problems: [error])
        }
    }
}
