package import ProtobufSchema

/// Turns the HTTP rules of a schema's methods into routes, or says all that is wrong with them.
package struct RouteBuilder {
    /// What to make routes of besides annotations.
    package struct Options: Sendable {
        /// Gives each method without a rule the route `POST /pkg.Service/Method` with the body `*`.
        ///
        /// Client-streaming methods, which HTTP rules cannot serve, are left out.
        package var mapsMethodsWithoutRule: Bool
        /// Rules that take the place of annotations.
        package var ruleFile: RuleFile?

        package init(mapsMethodsWithoutRule: Bool = false, ruleFile: RuleFile? = nil) {
            self.mapsMethodsWithoutRule = mapsMethodsWithoutRule
            self.ruleFile = ruleFile
        }
    }

    /// What makes two routes one.
    private struct Key: Hashable {
        let method: HTTPMethod
        let shape: PathTemplate.Shape
    }

    private struct Owner {
        let method: String
        let text: String
        let place: SourcePlace
    }

    private let schema: Schema
    private let options: Options
    private var resolver: RuleResolver
    private var methods = HTTPMethodTable()
    private var routes: [Route] = []
    private var taken: [Key: Owner] = [:]

    package init(_ schema: Schema, _ options: Options = Options()) {
        self.schema = schema
        self.options = options
        resolver = RuleResolver(schema)
    }

    /// Annotations first, so that a rule of the file that is in their way is told, and told with its place; mapped
    /// methods last, so that they never take a path from a rule.
    mutating func build() throws(RouteErrors) -> (routes: [Route], methods: HTTPMethodTable) {
        let sites = schema.services.flatMap { service in
            service.methods.map { RuleSite(service: service, method: $0) }
        }
        let selected = options.ruleFile.map { select($0, among: sites) } ?? []
        let names = Set(selected.map(\.site.methodName))
        var withoutRule: [RuleSite] = []
        for site in sites where !names.contains(site.methodName) {
            if !addAnnotated(site) { withoutRule.append(site) }
        }
        for (entry, site) in selected {
            if let rule = entry.rule { addRoutes(rule, site, at: entry.place) }
        }
        if options.mapsMethodsWithoutRule {
            for site in withoutRule where !site.method.isClientStreaming { map(site) }
        }
        if !resolver.problems.isEmpty { throw RouteErrors(problems: ordered(resolver.problems)) }
        return (routes, methods)
    }

    /// The rule file's problems from its top to its end, then those of annotations in the schema's order.
    private func ordered(_ problems: [RouteProblem]) -> [RouteProblem] {
        guard let name = options.ruleFile?.name else { return problems }
        let ofFile = problems.filter { $0.place.file == name }.enumerated().sorted { left, right in
            let (one, other) = (left.element.place, right.element.place)
            return (one.line ?? 0, one.column ?? 0, left.offset) < (other.line ?? 0, other.column ?? 0, right.offset)
        }
        return ofFile.map(\.element) + problems.filter { $0.place.file != name }
    }

    // MARK: Rule file

    /// The entries that select a method, and the first one of each method only.
    private mutating func select(
        _ file: RuleFile,
        among sites: [RuleSite]
    ) -> [(entry: RuleFile.Entry, site: RuleSite)] {
        for problem in file.problems { resolver.add(problem) }
        let known = Dictionary(sites.map { ($0.methodName, $0) }) { first, _ in first }
        var places: [String: SourcePlace] = [:]
        var selected: [(entry: RuleFile.Entry, site: RuleSite)] = []
        for entry in file.entries {
            let selector = entry.selector
            if selector.contains("*") {
                let message = "the selector \"\(selector)\" has a wildcard; name one method"
                resolver.add(RouteProblem(message, at: entry.place))
            } else if let earlier = places[selector] {
                resolver.add(RouteProblem("\(selector) has a rule already (\(earlier))", at: entry.place))
            } else if let site = known[selector] {
                places[selector] = entry.place
                selected.append((entry, site))
            } else {
                // Looking for the nearest takes time, and a file of another API has many unknown selectors.
                let isDescribed = resolver.problems.count < RouteErrors.maximumDescribed
                let hint = isDescribed ? NearestName.dottedHint(selector, among: sites.map(\.methodName)) : ""
                resolver.add(RouteProblem("there is no method \"\(selector)\"\(hint)", at: entry.place))
            }
        }
        return selected
    }

    // MARK: Routes

    /// Adds the routes of the method's annotation; false if it has none.
    private mutating func addAnnotated(_ site: RuleSite) -> Bool {
        do throws(WireError) {
            guard let rule = try HTTPRule(methodOptions: site.method.options) else { return false }
            addRoutes(rule, site, at: nil)
        } catch {
            resolver.add(site.problem("the HTTP rule cannot be read: \(error)", at: nil))
        }
        return true
    }

    private mutating func addRoutes(_ rule: HTTPRule, _ site: RuleSite, at place: SourcePlace?) {
        guard !site.method.isClientStreaming else {
            resolver.add(site.problem("a client-streaming method cannot have an HTTP rule", at: place))
            return
        }
        addRoute(rule, site)
        for binding in rule.additionalBindings { addRoute(binding, site) }
    }

    private mutating func addRoute(_ rule: HTTPRule, _ site: RuleSite) {
        guard let resolution = resolver.resolve(rule, site), let name = rule.method else { return }
        let place = rule.places?.pattern
        guard let method = methods.intern(name) else {
            resolver.add(site.problem("there are too many different HTTP methods", at: place))
            return
        }
        let template = resolution.template
        let key = Key(method: method, shape: template.shape)
        if let owner = taken[key] {
            let message = "\(owner.text) belongs to \(owner.method) already (\(owner.place))"
            let error = PathTemplateError(template: template.text, offset: 0, message: message)
            resolver.add(site.problem(message, at: place, template: error))
            return
        }
        taken[key] = Owner(method: site.methodName, text: "\(name) \(template.text)", place: place ?? site.place)
        append(resolution, (method, name), site)
    }

    /// Adds `POST /pkg.Service/Method`, unless a rule wants that path for another method.
    private mutating func map(_ site: RuleSite) {
        let rule = HTTPRule("POST", "/\(site.service.fullName)/\(site.method.name)", body: "*")
        guard let resolution = resolver.resolve(rule, site) else { return }
        let shape = resolution.template.shape
        // A rule for any method is one for POST as well; a default does not take requests away from it.
        for method in [HTTPMethod.post, .any] {
            guard let owner = taken[Key(method: method, shape: shape)] else { continue }
            let message =
                "the method has no rule, and its automatic route POST \(rule.path) belongs to \(owner.method) already "
                + "(\(owner.place)); give it a rule"
            resolver.add(site.problem(message, at: nil))
            return
        }
        append(resolution, (.post, "POST"), site)
    }

    private mutating func append(
        _ resolution: RuleResolver.Resolution,
        _ httpMethod: (HTTPMethod, String),
        _ site: RuleSite
    ) {
        routes.append(
            Route(
                httpMethod: httpMethod,
                template: resolution.template,
                variables: resolution.variables,
                body: resolution.body,
                responseBody: resolution.responseBody,
                service: site.service.fullName,
                method: site.method
            )
        )
    }
}
