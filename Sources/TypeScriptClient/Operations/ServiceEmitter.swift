import HTTPRules
import OpenAPI
import ProtobufSchema

/// Writes a service's client.
struct ServiceEmitter {
    let schema: Schema
    let notes: DescriptorNotes
    let messages: MessageEmitter
    let shapes: QueryShapes

    func emit(
        _ service: ServiceDescriptor,
        as name: String,
        _ operations: [ClientOperation],
        to source: inout SourceText
    ) {
        let note = notes.services[service.fullName]
        var comment = DocComment(note?.comment.text, isDeprecated: note?.isDeprecated == true)
        if comment.isEmpty { comment.add("Calls `\(service.fullName)`.", isOwn: true) }
        source.line()
        source.comment(comment)
        source.block("export class \(name) {") { source in
            source.line("readonly #transport: Transport;")
            source.line()
            source.block("constructor(options: ClientOptions = {}) {") { source in
                source.line("this.#transport = new Transport(options);")
            }
            var taken = ClientMethods.names(of: operations)
            for operation in operations {
                emit(operation, to: &source)
                if let paging = operation.paging { emit(paging, of: operation, &taken, to: &source) }
            }
        }
    }

    // MARK: Methods

    private func emit(_ operation: ClientOperation, to source: inout SourceText) {
        let note = notes.methods[operation.fullMethodName]
        var comment = DocComment(note?.comment.text)
        comment.add("`\(operation.httpMethodName) \(operation.route.template.text)` of `\(operation.fullMethodName)`.")
        if note?.isDeprecated == true { comment.add("@deprecated", isOwn: true) }
        source.line()
        source.comment(comment)
        let request = "request: \(operation.requestType)\(operation.requestDefault)"
        if operation.isConditional {
            let question = operation.isRequestOptional ? "?" : ""
            let declared = "request\(question): \(operation.requestType)"
            let type = operation.valueType
            signature(operation.name, [declared, "options?: UnconditionalOptions"], "Call<\(type)>", ";", to: &source)
            signature(
                operation.name,
                [declared, "options?: ReadOptions"],
                "Call<\(type) | NotModified>",
                ";",
                to: &source
            )
            signature(
                operation.name,
                [request, "options?: ReadOptions"],
                "Call<\(type) | NotModified>",
                " {",
                to: &source
            )
        } else {
            signature(operation.name, [request, "options?: CallOptions"], operation.returnType, " {", to: &source)
        }
        source.indented { call(operation, to: &$0) }
        source.line("}")
    }

    /// On one line where it fits.
    private func signature(
        _ name: String,
        _ parameters: [String],
        _ result: String,
        _ end: String,
        to source: inout SourceText
    ) {
        let line = "\(name)(\(parameters.joined(separator: ", "))): \(result)\(end)"
        guard line.count > 116 else { return source.line(line) }
        source.line("\(name)(")
        source.indented { source in
            for parameter in parameters { source.line("\(parameter),") }
        }
        source.line("): \(result)\(end)")
    }

    private func call(_ operation: ClientOperation, to source: inout SourceText) {
        var members = [
            "method: \(TypeScriptText.quoted(operation.httpMethodName))",
            "path: [\(PathParts(operation.route, schema, messages).expressions.joined(separator: ", "))]",
        ]
        if let body = operation.body { members.append("body: \(TypeScriptText.quoted(body))") }
        if operation.takesBytes { members.append("isRaw: true") }
        if let query = operation.query, let shape = shapes.names[query] { members.append("query: \(shape)") }
        let start = "return this.#transport.\(operation.transportCall)("
        let literal = "{ \(members.joined(separator: ", ")) }"
        guard start.count + literal.count > 95 else {
            source.line("\(start)\(literal), request, options);")
            return
        }
        source.block(start, ");") { source in
            if literal.count > 111 {
                source.block("{", "},") { source in
                    for member in members { source.line("\(member),") }
                }
            } else {
                source.line("\(literal),")
            }
            source.line("request,")
            source.line("options,")
        }
    }

    // MARK: Pages

    private func emit(
        _ paging: ClientOperation.Paging,
        of operation: ClientOperation,
        _ taken: inout NameAllocator,
        to source: inout SourceText
    ) {
        let parameters = ["request: \(operation.requestType)\(operation.requestDefault)", "options?: CallOptions"]
        let pages = taken.name("\(operation.name)Pages")
        let token = TypeScriptText.memberName(paging.token)
        let withToken = "{ ...request, \(token): token }"
        source.line()
        source.comment(
            page("The pages of `\(operation.name)`, one after the other; begins when it is iterated.", operation)
        )
        signature(pages, parameters, "AsyncGenerator<\(operation.valueType), void, undefined>", " {", to: &source)
        source.indented { source in
            source.block("return this.#transport.pages(", ");") { source in
                source.line("(token) => this.\(operation.name)(token ? \(withToken) : request, options),")
                source.line("(page) => \(TypeScriptText.access("page", paging.nextToken)),")
            }
        }
        source.line("}")
        guard let list = paging.list else { return }
        source.line()
        source.comment(
            page("What is on the pages of `\(operation.name)`, one by one; begins when it is iterated.", operation)
        )
        signature(
            taken.name("\(operation.name)Entries"),
            parameters,
            "AsyncGenerator<\(list.elementType), void, undefined>",
            " {",
            to: &source
        )
        source.indented { source in
            let member = TypeScriptText.access("page", list.member)
            source.line("return this.#transport.entries(this.\(pages)(request, options), (page) => \(member));")
        }
        source.line("}")
    }

    private func page(_ text: String, _ operation: ClientOperation) -> DocComment {
        let note = notes.methods[operation.fullMethodName]
        var comment = DocComment(nil)
        comment.add(text, isOwn: true)
        if note?.isDeprecated == true { comment.add("@deprecated", isOwn: true) }
        return comment
    }
}

extension ClientOperation {
    /// What stands behind the request's type where the method may be called without one.
    var requestDefault: String {
        guard isRequestOptional else { return "" }
        return hidesInherited ? " = {} as \(requestType)" : " = {}"
    }

    /// The type of the value that the method gives, or of each one.
    var valueType: String {
        switch result {
        case .json(let type): type
        case .bytes: route.isServerStreaming ? "Uint8Array" : "Blob"
        case .nothing: "void"
        }
    }

    var returnType: String {
        route.isServerStreaming && result != .nothing
            ? "AsyncGenerator<\(valueType), void, undefined>" : "Call<\(valueType)>"
    }

    /// The method of the runtime that does it.
    var transportCall: String {
        switch result {
        case .json(let type):
            route.isServerStreaming ? "stream<\(type)>" : isConditional ? "readJson<\(type)>" : "json<\(type)>"
        case .bytes: route.isServerStreaming ? "chunks" : isConditional ? "readBlob" : "blob"
        case .nothing: "head"
        }
    }
}
