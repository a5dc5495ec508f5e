package import ProtobufSchema

/// Turns the HTTP rules of a schema's methods into routes, or says all that is wrong with them.
package struct RouteBuilder {
    /// What to make routes of besides annotations.
    package struct Options: Sendable {
        /// Gives each method without a rule the route `POST /pkg.Service/Method` with the body `*`.
        package var mapsMethodsWithoutRule: Bool

        package init(mapsMethodsWithoutRule: Bool = false) {
            self.mapsMethodsWithoutRule = mapsMethodsWithoutRule
        }
    }

    /// A method and where it is declared, for errors.
    private struct Site {
        let service: ServiceDescriptor
        let method: ServiceDescriptor.Method

        var methodName: String { "\(service.fullName).\(method.name)" }
        var place: String { "\(service.file)\(method.line.map { ":\($0)" } ?? "")" }

        func problem(_ message: String, at place: PathTemplateError? = nil) -> RouteProblem {
            RouteProblem(file: service.file, line: method.line, method: methodName, place: place, message: message)
        }
    }

    /// What makes two routes one.
    private struct Key: Hashable {
        let method: HTTPMethod
        let shape: PathTemplate.Shape
    }

    private let schema: Schema
    private let options: Options
    private var methods = HTTPMethodTable()
    private var routes: [Route] = []
    private var taken: [Key: (template: String, site: Site)] = [:]
    private var problems: [RouteProblem] = []

    package init(_ schema: Schema, _ options: Options = Options()) {
        self.schema = schema
        self.options = options
    }

    mutating func build() throws(RouteErrors) -> (routes: [Route], methods: HTTPMethodTable) {
        for service in schema.services {
            for method in service.methods { addRoutes(Site(service: service, method: method)) }
        }
        if !problems.isEmpty { throw RouteErrors(problems: problems) }
        return (routes, methods)
    }

    private mutating func addRoutes(_ site: Site) {
        let rule: HTTPRule
        do throws(WireError) {
            if let annotation = try HTTPRule(methodOptions: site.method.options) {
                rule = annotation
            } else if options.mapsMethodsWithoutRule && !site.method.isClientStreaming {
                rule = HTTPRule("POST", "/\(site.service.fullName)/\(site.method.name)", body: "*")
            } else {
                return
            }
        } catch {
            problems.append(site.problem("the HTTP rule cannot be read: \(error)"))
            return
        }
        if site.method.isClientStreaming {
            problems.append(site.problem("a client-streaming method cannot have an HTTP rule"))
            return
        }
        for binding in [rule] + rule.additionalBindings {
            do throws(RouteProblem) {
                routes.append(try route(binding, site))
            } catch {
                problems.append(error)
            }
        }
    }

    private mutating func route(_ rule: HTTPRule, _ site: Site) throws(RouteProblem) -> Route {
        if rule.hasNestedBindings { throw site.problem("an additional binding has additional bindings of its own") }
        guard let name = rule.method else {
            throw site.problem("the HTTP rule has no get, put, post, delete, patch or custom")
        }
        guard Self.isToken(name) else { throw site.problem("\"\(name)\" is not an HTTP method") }
        guard let method = methods.intern(name) else { throw site.problem("there are too many different HTTP methods") }
        let template: PathTemplate
        do throws(PathTemplateError) {
            template = try PathTemplate(rule.path)
        } catch {
            throw site.problem(error.message, at: error)
        }
        let body = try body(rule, site)
        let responseBody = try responseBody(rule, site)
        let variables = try variables(of: template, site)
        let key = Key(method: method, shape: template.shape)
        if let (earlier, owner) = taken[key] {
            throw site.problem(
                "\(name) \(earlier) belongs to \(owner.methodName) already (\(owner.place))",
                at: PathTemplateError(template: template.text, offset: 0, message: "duplicate")
            )
        }
        taken[key] = (template.text, site)
        return Route(
            httpMethod: (method, name),
            template: template,
            variables: variables,
            body: body,
            responseBody: responseBody,
            service: site.service.fullName,
            method: site.method
        )
    }

    // MARK: Bodies

    private func body(_ rule: HTTPRule, _ site: Site) throws(RouteProblem) -> BodyBinding {
        if rule.body.isEmpty { return .none }
        if rule.method == "GET" || rule.method == "HEAD" {
            // RFC 9110, section 9.3.1: content of a GET has no generally defined meaning.
            throw site.problem("a \(rule.method ?? "") request has no body, but the rule has body: \"\(rule.body)\"")
        }
        if rule.body == "*" { return .message }
        return .field(try topLevelField(rule.body, of: site.method.input, "body", site))
    }

    private func responseBody(_ rule: HTTPRule, _ site: Site) throws(RouteProblem) -> FieldIndex? {
        if rule.responseBody.isEmpty { return nil }
        return try topLevelField(rule.responseBody, of: site.method.output, "response_body", site)
    }

    private func topLevelField(
        _ name: String,
        of message: MessageIndex,
        _ option: String,
        _ site: Site
    ) throws(RouteProblem) -> FieldIndex {
        if name.contains(".") { throw site.problem("\(option): \"\(name)\" is not a field at the top of a message") }
        guard let field = schema.field(named: name, in: message) else {
            throw site.problem("\(option): \(schema.name(of: message)) has no field \"\(name)\"")
        }
        return field
    }

    // MARK: Variables

    private func variables(of template: PathTemplate, _ site: Site) throws(RouteProblem) -> [Route.Variable] {
        var variables: [Route.Variable] = []
        for variable in template.variables {
            let fieldPath = try fieldPath(of: variable, in: template, site)
            for (other, earlier) in zip(template.variables, variables) {
                guard let clash = clash(fieldPath, earlier.fieldPath) else { continue }
                let text = "\"\(variable.path)\" \(clash) \"\(other.path)\""
                throw Self.problem(text, variable.fieldPath[0], template, site)
            }
            variables.append(Route.Variable(fieldPath: fieldPath, isMultiSegment: variable.isMultiSegment))
        }
        return variables
    }

    /// Follows the names from the request message to a field that a piece of a path can set.
    private func fieldPath(
        of variable: PathTemplate.Variable,
        in template: PathTemplate,
        _ site: Site
    ) throws(RouteProblem) -> [FieldIndex] {
        var message = site.method.input
        var path: [FieldIndex] = []
        for (position, name) in variable.fieldPath.enumerated() {
            guard let index = schema.field(named: name.name, in: message) else {
                throw Self.problem("\(schema.name(of: message)) has no field \"\(name.name)\"", name, template, site)
            }
            let field = schema[index]
            if !field.cardinality.isSingular {
                let what = field.cardinality == .map ? "a map" : "repeated"
                throw Self.problem("the field \"\(name.name)\" is \(what), so no path can set it", name, template, site)
            }
            path.append(index)
            let isLeaf = position == variable.fieldPath.count - 1
            guard let child = field.childMessage else {
                if isLeaf { break }
                throw Self.problem("the field \"\(name.name)\" is not a message", name, template, site)
            }
            let wellKnownType = schema.wellKnownType(of: child)
            if isLeaf {
                guard wellKnownType.isPathLeaf else {
                    let type = schema.name(of: child)
                    let text = "the field \"\(name.name)\" is a message (\(type)), so no path can set it"
                    throw Self.problem(text, name, template, site)
                }
            } else if wellKnownType.hasOwnForm {
                let text = "the fields of \"\(name.name)\" (\(schema.name(of: child))) cannot be set one by one"
                throw Self.problem(text, name, template, site)
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

    private static func problem(
        _ message: String,
        _ name: PathTemplate.FieldName,
        _ template: PathTemplate,
        _ site: Site
    ) -> RouteProblem {
        site.problem(
            message,
            at: PathTemplateError(template: template.text, offset: name.offset, message: message)
        )
    }

    /// RFC 9110, section 5.6.2; `*` alone, the method of rules that leave it open, is one.
    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
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
