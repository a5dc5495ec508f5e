import HTTPRules
import ProtobufSchema

/// Makes the operation object of a route.
struct OperationBuilder {
    private let catalog: Catalog
    private let forms: MessageForms
    private let parameters: ParameterForms
    private var schema: Schema { catalog.schema }

    init(_ catalog: Catalog) {
        self.catalog = catalog
        forms = MessageForms(catalog)
        parameters = ParameterForms(catalog)
    }

    /// `pathNames` are the names that the path gives its parameters.
    func operation(_ route: Route, id: String, tag: String, _ path: PathForm, pathNames: [String]) -> JSONObject {
        let note = catalog.notes.methods["\(route.service).\(route.method)"] ?? DescriptorNotes.Note()
        let service = catalog.notes.services[route.service]
        var operation: JSONObject = ["operationId": .string(id)]
        operation["tags"] = [.string(tag)]
        let summary = note.comment.summary
        operation["summary"] = .string(summary.isEmpty ? route.method : summary)
        let query = parameters.query(route)
        var words = [note.comment.body].filter { !$0.isEmpty }
        if query.isCutShort {
            words.append(
                "Fields further down can be given in the query as well, by their names from the top with dots between."
            )
        }
        if !words.isEmpty { operation["description"] = .string(words.joined(separator: "\n\n")) }
        if note.isDeprecated || service?.isDeprecated == true { operation["deprecated"] = true }
        operation["x-grpc-method"] = .string("\(route.service)/\(route.method)")
        var list = zip(path.parameters, pathNames).map { parameters.path($0, name: $1) } + query.forms
        if isTagged(route) { list.append(HeaderForms.parameterReference("If-None-Match")) }
        list += [HeaderForms.parameterReference("Grpc-Timeout"), HeaderForms.parameterReference("X-Request-Id")]
        operation["parameters"] = .array(list)
        operation["requestBody"] = requestBody(route)
        operation["responses"] = .object(responses(route))
        return operation
    }

    /// Whether answers have an `ETag`.
    private func isTagged(_ route: Route) -> Bool {
        (route.httpMethod == .get || route.httpMethod == .head) && !route.isServerStreaming
    }

    // MARK: Request

    private func requestBody(_ route: Route) -> JSONValue? {
        if route.takesHTTPBody(schema) {
            return [
                "description": "Any content, with its own `Content-Type`.",
                "content": ["*/*": ["schema": [:]]],
            ]
        }
        switch route.body {
        case .none: return nil
        case .message:
            let bound = route.variables.compactMap { $0.fieldPath.count == 1 ? $0.fieldPath[0] : nil }
            return messageBody(route.input, omitting: Set(bound))
        case .field(let index):
            let field = schema[index]
            let bound = route.variables.compactMap { variable -> FieldIndex? in
                variable.fieldPath.count == 2 && variable.fieldPath[0] == index ? variable.fieldPath[1] : nil
            }
            if !bound.isEmpty, field.cardinality.isSingular, let message = field.childMessage {
                return messageBody(message, omitting: Set(bound))
            }
            var examples = ExampleBuilder(catalog, .request)
            return body(forms.content(field, .request), examples.value(of: field), isRequired: false)
        }
    }

    /// A body that is a message, but for what the path says of it.
    private func messageBody(_ message: MessageIndex, omitting omitted: Set<FieldIndex>) -> JSONValue {
        var examples = ExampleBuilder(catalog, .request)
        let isPlain = omitted.isEmpty || schema.wellKnownType(of: message).hasOwnForm
        let form = isPlain ? forms.reference(message, .request) : forms.message(message, .request, omitting: omitted)
        let isRequired = catalog.fields(of: message).contains {
            !omitted.contains($0.index) && catalog.isRequiredInRequests($0)
        }
        let example = catalog.endless.contains(message) ? nil : examples.message(message, omitting: omitted)
        return body(form, example, isRequired: isRequired)
    }

    private func body(_ form: JSONObject, _ example: JSONValue?, isRequired: Bool) -> JSONValue {
        var body = JSONObject()
        if isRequired { body["required"] = true }
        var content: JSONObject = ["schema": .object(form)]
        content["example"] = example
        body["content"] = ["application/json": .object(content)]
        return .object(body)
    }

    // MARK: Answers

    private func responses(_ route: Route) -> JSONObject {
        var responses = JSONObject()
        var headers: JSONObject = ["X-Request-Id": HeaderForms.reference("X-Request-Id")]
        if makesResource(route) {
            headers["Location"] = HeaderForms.reference("Location")
            responses["201"] = success(route, "Made; `Location` is its path.", headers)
            headers["Location"] = nil
            responses["200"] = success(route, "Made, by a service that does not tell where it is.", headers)
        } else {
            if isTagged(route) {
                headers["ETag"] = HeaderForms.reference("ETag")
                headers["Cache-Control"] = HeaderForms.reference("Cache-Control")
            }
            responses["200"] = success(route, nil, headers)
        }
        if isTagged(route) {
            responses["304"] = [
                "description": "The answer is still the one that `If-None-Match` names.", "headers": .object(headers),
            ]
        }
        for (status, value) in ErrorAnswers.references { responses[status] = value }
        return responses
    }

    private func makesResource(_ route: Route) -> Bool {
        guard !route.isGRPCPath, !route.isServerStreaming, !route.answersHTTPBody(schema),
            let service = schema.services.first(where: { $0.fullName == route.service }),
            let method = service.methods.first(where: { $0.name == route.method })
        else { return false }
        do {
            return try CreatedOption(methodOptions: method.options) != nil
        } catch {
            return false
        }
    }

    private func success(_ route: Route, _ words: String?, _ headers: JSONObject) -> JSONValue {
        var answer: JSONObject = ["description": .string(words ?? description(route)), "headers": .object(headers)]
        answer["content"] = .object(content(route))
        return .object(answer)
    }

    private func description(_ route: Route) -> String {
        if route.isServerStreaming { return "The messages as they come." }
        if let field = route.responseBody.map({ schema[$0] }) {
            let summary = catalog.note(of: field).note.comment.summary
            if !summary.isEmpty { return summary + "." }
        }
        let name = schema.name(of: route.output)
        let summary = catalog.notes.messages[name]?.note.comment.summary ?? ""
        return summary.isEmpty ? "The answer." : summary + "."
    }

    private func content(_ route: Route) -> JSONObject {
        if route.answersHTTPBody(schema) { return ["*/*": ["schema": [:]]] }
        let (form, example) = answer(route)
        guard route.isServerStreaming else {
            return ["application/json": ["schema": .object(form), "example": example]]
        }
        let line = JSONWriter.text(of: example, isIndented: false)
        let item: JSONValue = .object(form)
        let error: JSONValue = ["$ref": "#/components/schemas/Error"]
        return [
            "application/x-ndjson": [
                "schema": [
                    "type": "string",
                    "description": "A message a line. A stream that fails ends with a line of the shape of `Error`.",
                ],
                "x-item-schema": item,
                "example": .string(line + "\n"),
            ],
            "application/json": [
                "schema": [
                    "type": "array",
                    "description": "The messages. The last element of a stream that fails is an `Error`.",
                    "items": ["anyOf": [item, error]],
                ],
                "example": [example],
            ],
            "text/event-stream": [
                "schema": [
                    "type": "string",
                    "description": """
                    An event a message; then one of the type `end`, or of the type `error` and the shape of `Error` where \
                    the stream fails.
                    """,
                ],
                "x-item-schema": item,
                "example": .string("data: \(line)\n\nevent: end\ndata: {}\n\n"),
            ],
        ]
    }

    /// Schema and example of one message of the answer.
    private func answer(_ route: Route) -> (form: JSONObject, example: JSONValue) {
        var examples = ExampleBuilder(catalog, .answer)
        guard let index = route.responseBody else {
            return (forms.reference(route.output, .answer), examples.message(route.output))
        }
        let field = schema[index]
        let form = forms.content(field, .answer)
        let isNullable = catalog.isNullWhenAbsent(field)
        return (isNullable ? MessageForms.nullable(form) : form, examples.value(of: field))
    }
}
