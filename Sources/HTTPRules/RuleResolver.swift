import Bytes
import ProtobufSchema

/// Checks rules against the requests and responses of their methods, and keeps what is wrong with them.
struct RuleResolver {
    /// What a rule comes to.
    struct Resolution {
        let template: PathTemplate
        let variables: [Route.Variable]
        let body: BodyBinding
        let responseBody: FieldIndex?
    }

    let schema: Schema
    private(set) var problems: [RouteProblem] = []

    init(_ schema: Schema) {
        self.schema = schema
    }

    /// Nil if anything is wrong with the rule; its parts are checked one by one, so that all of that is found.
    mutating func resolve(_ rule: HTTPRule, _ site: RuleSite) -> Resolution? {
        guard isComplete(rule, site) else { return nil }
        let template = template(rule, site)
        let variables = template.flatMap { self.variables(of: $0, rule, site) }
        let body = body(rule, site)
        let responseBody = responseBody(rule, site)
        guard let template, let variables, let body, let responseBody else { return nil }
        return Resolution(template: template, variables: variables, body: body, responseBody: responseBody)
    }

    /// Keeps a problem that was found elsewhere.
    mutating func add(_ problem: RouteProblem) {
        problems.append(problem)
    }

    // MARK: Pattern

    private mutating func isComplete(_ rule: HTTPRule, _ site: RuleSite) -> Bool {
        if rule.hasNestedBindings {
            let message = "an additional binding has additional bindings of its own"
            problems.append(site.problem(message, at: rule.places?.rule))
        } else if let name = rule.method {
            // `*` alone, the method of rules that leave it open, is one.
            if FieldSyntax.isToken(name.utf8) { return true }
            problems.append(site.problem("\"\(name)\" is not an HTTP method", at: rule.places?.pattern))
        } else {
            let message = "the HTTP rule has no get, put, post, delete, patch or custom"
            problems.append(site.problem(message, at: rule.places?.rule))
        }
        return false
    }

    private mutating func template(_ rule: HTTPRule, _ site: RuleSite) -> PathTemplate? {
        do throws(PathTemplateError) {
            return try PathTemplate(rule.path)
        } catch {
            problems.append(site.problem(error.message, at: rule.places?.pattern, template: error))
            return nil
        }
    }

    // MARK: Bodies

    private mutating func body(_ rule: HTTPRule, _ site: RuleSite) -> BodyBinding? {
        if rule.body.isEmpty { return BodyBinding.none }
        if rule.method == "GET" || rule.method == "HEAD" {
            // RFC 9110, section 9.3.1: content of a GET has no generally defined meaning.
            let message = "a \(rule.method ?? "") request has no body, but the rule has body: \"\(rule.body)\""
            problems.append(site.problem(message, at: rule.places?.body))
            return nil
        }
        if rule.body == "*" { return .message }
        do throws(RouteProblem) {
            return .field(try topLevelField(rule.body, of: site.method.input, "body", rule.places?.body, site))
        } catch {
            problems.append(error)
            return nil
        }
    }

    /// Nil if it is wrong, `.some(nil)` for the whole response.
    private mutating func responseBody(_ rule: HTTPRule, _ site: RuleSite) -> FieldIndex?? {
        if rule.responseBody.isEmpty { return .some(nil) }
        let place = rule.places?.responseBody
        do throws(RouteProblem) {
            return try topLevelField(rule.responseBody, of: site.method.output, "response_body", place, site)
        } catch {
            problems.append(error)
            return nil
        }
    }

    private func topLevelField(
        _ name: String,
        of message: MessageIndex,
        _ option: String,
        _ place: SourcePlace?,
        _ site: RuleSite
    ) throws(RouteProblem) -> FieldIndex {
        if name.contains(".") {
            throw site.problem("\(option): \"\(name)\" is not a field at the top of a message", at: place)
        }
        guard let field = schema.field(named: name, in: message) else {
            throw site.problem("\(option): \(noField(name, in: message))", at: place)
        }
        return field
    }

    // MARK: Variables

    private mutating func variables(
        of template: PathTemplate,
        _ rule: HTTPRule,
        _ site: RuleSite
    ) -> [Route.Variable]? {
        var variables: [Route.Variable] = []
        var texts: [String] = []
        for variable in template.variables {
            do throws(VariableFault) {
                let fieldPath = try fieldPath(of: variable, site)
                for (earlier, text) in zip(variables, texts) {
                    guard let clash = clash(fieldPath, earlier.fieldPath) else { continue }
                    throw VariableFault(variable.fieldPath[0], "\"\(variable.path)\" \(clash) \"\(text)\"")
                }
                variables.append(Route.Variable(fieldPath: fieldPath, isMultiSegment: variable.isMultiSegment))
                texts.append(variable.path)
            } catch {
                let place = PathTemplateError(template: template.text, offset: error.offset, message: error.message)
                problems.append(site.problem(error.message, at: rule.places?.pattern, template: place))
            }
        }
        return variables.count == template.variables.count ? variables : nil
    }

    /// What is wrong with a variable, and at which byte of the template.
    private struct VariableFault: Error {
        let offset: Int
        let message: String

        init(_ name: PathTemplate.FieldName, _ message: String) {
            offset = name.offset
            self.message = message
        }
    }

    /// Follows the names from the request message to a field that a piece of a path can set.
    private func fieldPath(
        of variable: PathTemplate.Variable,
        _ site: RuleSite
    ) throws(VariableFault) -> [FieldIndex] {
        var message = site.method.input
        var path: [FieldIndex] = []
        for (position, name) in variable.fieldPath.enumerated() {
            guard let index = schema.field(named: name.name, in: message) else {
                throw VariableFault(name, noField(name.name, in: message))
            }
            let field = schema[index]
            if !field.cardinality.isSingular {
                let what = field.cardinality == .map ? "a map" : "repeated"
                throw VariableFault(name, "the field \"\(name.name)\" is \(what), so no path can set it")
            }
            path.append(index)
            let isLeaf = position == variable.fieldPath.count - 1
            guard let child = field.childMessage else {
                if isLeaf { break }
                throw VariableFault(name, "the field \"\(name.name)\" is not a message")
            }
            let wellKnownType = schema.wellKnownType(of: child)
            if isLeaf {
                guard wellKnownType.isPathLeaf else {
                    let type = schema.name(of: child)
                    let text = "the field \"\(name.name)\" is a message (\(type)), so no path can set it"
                    throw VariableFault(name, text)
                }
            } else if wellKnownType.hasOwnForm {
                let text = "the fields of \"\(name.name)\" (\(schema.name(of: child))) cannot be set one by one"
                throw VariableFault(name, text)
            }
            message = child
        }
        return path
    }

    /// Why no request can give values to both fields.
    private func clash(_ left: [FieldIndex], _ right: [FieldIndex]) -> String? {
        // Paths end in leaves, so neither is the beginning of the other.
        guard let (one, other) = zip(left, right).first(where: { $0 != $1 }) else { return "is the same field as" }
        guard let oneof = schema[one].oneof, schema[other].oneof == oneof else { return nil }
        return "is in the same oneof as"
    }

    private func noField(_ name: String, in message: MessageIndex) -> String {
        let names = schema.fields(of: message).map { schema[$0].name }
        return "\(schema.name(of: message)) has no field \"\(name)\"\(NearestName.hint(name, among: names))"
    }
}

extension WellKnownType {
    /// Whether the JSON form is one scalar, so that a path or query value can be it.
    fileprivate var isPathLeaf: Bool {
        switch self {
        case .timestamp, .duration, .fieldMask: true
        default: isWrapper
        }
    }
}
