import ProtobufSchema

/// A method with a rule, for errors about the rule.
struct RuleSite {
    let service: ServiceDescriptor
    let method: ServiceDescriptor.Method

    var methodName: String { "\(service.fullName).\(method.name)" }

    /// Where the method is declared.
    var place: SourcePlace { SourcePlace(file: service.file, line: method.line) }

    /// A problem at a part of the rule, or at the method where that is all that is known.
    func problem(_ message: String, at part: SourcePlace?, template: PathTemplateError? = nil) -> RouteProblem {
        RouteProblem(message, at: part ?? place, method: methodName, template: template)
    }
}
