package import HTTPRules
package import OpenAPI
package import ProtobufSchema

/// A client of a gateway in TypeScript: one file that depends on nothing.
///
/// It has the types of all messages that the routes' requests and answers can hold, a class a service, and a fixed part
/// that speaks HTTP (`Resources/runtime.ts`). Whatever the schema says, what comes out is TypeScript: names become
/// identifiers, and neither strings nor comments can end early.
package struct TypeScriptClient {
    private let schema: Schema
    private let routes: [Route]
    private let notes: DescriptorNotes
    private let options: OpenAPIOptions

    /// A client for `routes`, with the words of `notes`.
    package init(
        _ schema: Schema,
        _ routes: RouteTable,
        notes: DescriptorNotes,
        options: OpenAPIOptions = OpenAPIOptions()
    ) {
        self.schema = schema
        self.routes = routes.routes
        self.notes = notes
        self.options = options
    }

    /// The file's text.
    package func source() -> String {
        let served = schema.services.compactMap { service -> (ServiceDescriptor, [(route: Route, name: String)])? in
            let named = ClientMethods.named(routes.filter { $0.service == service.fullName }, schema)
            return named.isEmpty ? nil : (service, named)
        }
        let reach = TypeReach(schema, served.flatMap { $0.1.map(\.route) })
        var names = TypeNames(schema, reach)
        let classNames = served.map { service, _ in
            let last = service.fullName.split(separator: ".").last.map(String.init) ?? service.fullName
            return names.allocate("\(Identifier.made(from: last))Client")
        }
        let types = TypeExpressions(schema: schema, names: names, options: options)
        let messages = MessageEmitter(schema: schema, notes: notes, types: types)
        let builder = OperationBuilder(schema: schema, types: types, messages: messages)
        let operations = served.map { $0.1.map { builder.operation($0.route, name: $0.name) } }
        var shapes = QueryShapes(schema, messages)
        for query in operations.joined().compactMap(\.query) { shapes.add(query, &names) }

        var source = SourceText()
        source.line("// Made by `mltraining-gateway typescript`. Do not edit it, make it anew.")
        source.line("/* eslint-disable */")
        let services = ServiceEmitter(schema: schema, notes: notes, messages: messages, shapes: shapes)
        for (position, (service, _)) in served.enumerated() {
            services.emit(service, as: classNames[position], operations[position], to: &source)
        }
        for (message, direction) in names.messages { messages.emit(message, direction, to: &source) }
        let enums = EnumEmitter(schema: schema, notes: notes, names: names)
        for enumeration in names.enums { enums.emit(enumeration, to: &source) }
        shapes.emit(to: &source)
        source.line()
        return source.text + String(decoding: PackageResources.runtime_ts, as: UTF8.self)
    }
}
