import HTTPRules
import ProtobufSchema

/// Puts the parts of the document together.
struct DocumentBuilder {
    private let catalog: Catalog
    private let routes: [Route]
    private let security: SecurityForms

    init(_ catalog: Catalog, _ routes: [Route]) {
        self.catalog = catalog
        self.routes = routes
        security = SecurityForms(catalog.options.signIn)
    }

    func document() -> JSONValue {
        var root: JSONObject = ["openapi": "3.1.0"]
        root["info"] = info
        root["servers"] = [["url": .string(serverURL)]]
        let tags = TagNames(routes, catalog)
        root["tags"] = .array(tags.forms)
        if !security.requirements.isEmpty { root["security"] = .array(security.requirements) }
        root["paths"] = paths(tags)
        root["components"] = components
        return .object(root)
    }

    // MARK: Info

    private var services: [String] {
        var seen: Set<String> = []
        return routes.map(\.service).filter { seen.insert($0).inserted }
    }

    private var info: JSONValue {
        let names = services
        var info: JSONObject = [
            "title": .string(catalog.options.title ?? names.map(DocumentBuilder.title).joined(separator: ", "))
        ]
        var words: [String] = []
        if names.count == 1, let comment = catalog.notes.services[names[0]]?.comment, !comment.isEmpty {
            info["summary"] = .string(comment.summary)
            if !comment.body.isEmpty { words.append(comment.body) }
        }
        words.append(conventions)
        info["description"] = .string(words.joined(separator: "\n\n"))
        info["version"] = .string(names.first.map(DocumentBuilder.version) ?? "1")
        return .object(info)
    }

    private var conventions: String {
        let names = catalog.options.usesOriginalNames ? "as in the `.proto` files" : "in lowerCamelCase"
        return """
            Every operation is a call of the gRPC method that `x-grpc-method` names. Fields are named \(names); requests
            may use either spelling. Errors have one shape wherever they arise, `Error`, or `Problem` for clients whose
            `Accept` names `application/problem+json`.
            """
    }

    /// `MLTrainingService` as `ML Training Service`.
    private static func title(_ service: String) -> String {
        let name = Array(ComponentNames.short(service))
        var title = ""
        for (place, character) in name.enumerated() {
            if character.isUppercase, place > 0 {
                let isAfterLower = !name[place - 1].isUppercase
                let isBeforeLower = place + 1 < name.count && name[place + 1].isLowercase
                if isAfterLower || isBeforeLower { title += " " }
            }
            title.append(character)
        }
        return title
    }

    /// The last part of the package that is a version, `v1` or `v1beta2`.
    private static func version(_ service: String) -> String {
        let parts = service.split(separator: ".").dropLast()
        let version = parts.last { part in
            part.count > 1 && part.first == "v" && part.dropFirst().first?.isASCII == true
                && part.dropFirst().first?.isNumber == true
        }
        return version.map { ComponentNames.sanitized(String($0)) } ?? "1"
    }

    private var serverURL: String {
        let (url, base) = (catalog.options.publicURL, catalog.options.basePath)
        let origin = url.hasSuffix("/") ? String(url.dropLast()) : url
        if base.isEmpty || base == "/" { return origin.isEmpty ? "/" : origin }
        // Whoever gives the path with the URL means it once.
        let path = origin.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).dropFirst(3).first
        return path.map { "/\($0)".hasSuffix(base) } == true ? origin : origin + base
    }

    // MARK: Paths

    private func paths(_ tags: TagNames) -> JSONValue {
        let builder = OperationBuilder(catalog)
        let names = OperationNames(routes, catalog).names
        var items = PathItems()
        for (route, id) in zip(routes, names) {
            let form = PathForm(route, catalog)
            items.add(route, form) { pathNames in
                builder.operation(route, id: id, tag: tags[route], form, pathNames: pathNames)
            }
        }
        return items.value
    }

    // MARK: Components

    private var components: JSONValue {
        var components = JSONObject()
        components["schemas"] = .object(schemas)
        components["responses"] = .object(ErrorAnswers.components)
        components["parameters"] = .object(HeaderForms.parameters)
        components["headers"] = .object(HeaderForms.components)
        if !security.schemes.isEmpty { components["securitySchemes"] = .object(security.schemes) }
        return .object(components)
    }

    /// Messages, then enums, then the shapes of errors; of a type both forms together.
    private var schemas: JSONObject {
        let forms = MessageForms(catalog)
        var schemas = JSONObject()
        for message in catalog.reach.allMessages {
            for direction in Direction.allCases where catalog.reach.messages[direction]?.contains(message) == true {
                guard let name = catalog.names[message, direction] else { continue }
                schemas[name] = .object(forms.message(message, direction))
            }
        }
        for index in catalog.reach.allEnums {
            for direction in Direction.allCases {
                guard let name = catalog.names[index, direction] else { continue }
                schemas[name] = .object(forms.component(index, direction))
            }
        }
        schemas["Error"] = ErrorSchemas.error
        schemas["Problem"] = ErrorSchemas.problem
        schemas["ErrorDetail"] = ErrorSchemas.detail
        return schemas
    }
}
