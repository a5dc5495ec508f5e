/// Turns parsed files into tables.
///
/// First every definition gets its full name and index, then fields are resolved against them, then all of it is laid
/// out. Runs once at start; clarity goes before speed.
struct SchemaCompiler {
    struct PendingMessage {
        let fullName: String
        let file: String
        let descriptor: TypeDescriptor
        let features: FeatureSet
        var fields: [PendingField] = []
    }

    struct PendingEnum {
        let fullName: String
        let file: String
        let descriptor: EnumDescriptor
        let isClosed: Bool
    }

    struct PendingField {
        let number: Int32
        let kind: FieldKind
        let cardinality: Cardinality
        let child: Int32
        let oneof: Int32
        let name: String
        var jsonName: String
    }

    private(set) var symbols = SymbolTable()
    private(set) var messages: [PendingMessage] = []
    private(set) var enums: [PendingEnum] = []
    private(set) var services: [ServiceDescriptor] = []
    private var extensions: [(field: FieldDescriptor, scope: String, file: String, features: FeatureSet)] = []

    init(_ files: [FileDescriptor]) throws(SchemaError) {
        let paths = Set(files.map(\.name))
        for file in files {
            for dependency in file.dependencies where !paths.contains(dependency) {
                throw .missingImport(path: dependency, importedBy: file.name)
            }
        }
        for file in files { try declare(file) }
        for index in messages.indices {
            for field in messages[index].descriptor.fields {
                try add(field, to: index, as: .member, features: messages[index].features, file: messages[index].file)
            }
        }
        for (field, scope, file, features) in extensions {
            try add(field, scope: scope, file: file, features: features)
        }
        for index in messages.indices { try finish(index) }
        for file in files {
            for (index, service) in file.services.enumerated() {
                services.append(try resolve(service, at: index, in: file))
            }
        }
    }

    // MARK: - Definitions

    private mutating func declare(_ file: FileDescriptor) throws(SchemaError) {
        guard let defaults = file.defaultFeatures else {
            throw .invalid(symbol: "syntax", reason: "or edition is not one this program knows", file: file.name)
        }
        let features = try merge(file.features, into: defaults)
        for message in file.messages { try declare(message, scope: file.package, file: file.name, features: features) }
        for enumeration in file.enums {
            try declare(enumeration, scope: file.package, file: file.name, features: features)
        }
        for field in file.extensions { extensions.append((field, file.package, file.name, features)) }
    }

    private mutating func declare(
        _ message: TypeDescriptor,
        scope: String,
        file: String,
        features outer: FeatureSet
    ) throws(SchemaError) {
        let fullName = SymbolTable.join(scope, message.name)
        guard !message.name.isEmpty else {
            throw .invalid(symbol: fullName, reason: "holds a message without a name", file: file)
        }
        let features = try merge(message.features, into: outer)
        try symbols.define(fullName, as: .message(Int32(messages.count)), file: file)
        messages.append(PendingMessage(fullName: fullName, file: file, descriptor: message, features: features))
        for nested in message.nested { try declare(nested, scope: fullName, file: file, features: features) }
        for enumeration in message.enums { try declare(enumeration, scope: fullName, file: file, features: features) }
        for field in message.extensions { extensions.append((field, fullName, file, features)) }
    }

    private mutating func declare(
        _ enumeration: EnumDescriptor,
        scope: String,
        file: String,
        features outer: FeatureSet
    ) throws(SchemaError) {
        let fullName = SymbolTable.join(scope, enumeration.name)
        guard !enumeration.values.isEmpty else {
            throw .invalid(symbol: fullName, reason: "is an enum without values", file: file)
        }
        let features = try merge(enumeration.features, into: outer)
        try symbols.define(fullName, as: .enumeration(Int32(enums.count)), file: file)
        // Values are siblings of their enum, as in C++.
        for value in enumeration.values {
            try symbols.define(SymbolTable.join(scope, value.name), as: .other, file: file)
        }
        enums.append(
            PendingEnum(
                fullName: fullName,
                file: file,
                descriptor: enumeration,
                isClosed: features.enumType == .closed
            )
        )
    }

    private func merge(_ overrides: [UInt8], into features: FeatureSet) throws(SchemaError) -> FeatureSet {
        do throws(WireError) {
            return try features.overridden(by: overrides)
        } catch {
            throw .malformed(error)
        }
    }

    // MARK: - Fields

    private enum Role {
        case member
        case `extension`(fullName: String)
    }

    /// Files an extension under the message that it extends, where it is a field like any other.
    private mutating func add(
        _ field: FieldDescriptor,
        scope: String,
        file: String,
        features: FeatureSet
    ) throws(SchemaError) {
        let fullName = SymbolTable.join(scope, field.name)
        try symbols.define(fullName, as: .other, file: file)
        guard case .message(let extendee) = symbols.resolve(field.extendee, scope: scope) else {
            throw .unknownType(name: field.extendee, referencedBy: fullName, file: file)
        }
        try add(field, to: Int(extendee), as: .extension(fullName: fullName), features: features, file: file)
    }

    private mutating func add(
        _ field: FieldDescriptor,
        to message: Int,
        as role: Role,
        features outer: FeatureSet,
        file: String
    ) throws(SchemaError) {
        var isExtension = false
        var fullName = SymbolTable.join(messages[message].fullName, field.name)
        var name = field.name
        var jsonName = field.jsonName.isEmpty ? FieldDescriptor.jsonName(of: field.name) : field.jsonName
        if case .extension(let extensionName) = role {
            isExtension = true
            fullName = extensionName
            name = "[\(extensionName)]"
            jsonName = name
        }
        func invalid(_ reason: String) -> SchemaError { .invalid(symbol: fullName, reason: reason, file: file) }

        guard !field.name.isEmpty else { throw invalid("holds a field without a name") }
        guard (1...536_870_911).contains(field.number) else { throw invalid("has no valid field number") }
        var features = try merge(field.features, into: outer)
        // Entries and what is in them are length-prefixed, whatever the fields around them are.
        if messages[message].descriptor.isMapEntry { features.messageEncoding = .lengthPrefixed }
        let (kind, child) = try resolveType(of: field, fullName: fullName, file: file, features: features)
        let isMap = field.isRepeated && kind.isMessage && messages[Int(child)].descriptor.isMapEntry

        let isInOneof = field.oneof != nil && !field.isProto3Optional && !isExtension
        if let oneof = field.oneof, !isExtension {
            guard (0..<messages[message].descriptor.oneofCount).contains(oneof) else {
                throw invalid("is in a oneof that its message does not have")
            }
            guard !field.isRepeated else { throw invalid("is repeated and cannot be in a oneof") }
        }

        let cardinality: Cardinality
        if isMap {
            cardinality = .map
        } else if field.isRepeated {
            let isPacked = field.packed ?? (features.repeatedEncoding == .packed)
            cardinality = kind.isPackable && isPacked ? .packed : .repeated
        } else if field.isRequired || (features.fieldPresence == .legacyRequired && !isExtension) {
            cardinality = .required
        } else if isExtension || field.oneof != nil || kind.isMessage || features.fieldPresence != .implicit {
            cardinality = .explicit
        } else {
            cardinality = .implicit
        }
        messages[message].fields.append(
            PendingField(
                number: Int32(field.number),
                kind: isMap ? .message : kind,
                cardinality: cardinality,
                child: child,
                oneof: isInOneof ? Int32(field.oneof ?? -1) : -1,
                name: name,
                jsonName: jsonName
            )
        )
    }

    private func resolveType(
        of field: FieldDescriptor,
        fullName: String,
        file: String,
        features: FeatureSet
    ) throws(SchemaError) -> (kind: FieldKind, child: Int32) {
        let known = field.type == 0 ? nil : FieldKind(rawValue: UInt8(truncatingIfNeeded: field.type))
        if field.type != 0, known == nil || field.type > 18 {
            throw .invalid(symbol: fullName, reason: "has a type that does not exist", file: file)
        }
        if let known, !known.isMessage, known != .enumeration { return (known, -1) }
        switch symbols.resolve(field.typeName, scope: fullName) {
        case .message(let index) where known != .enumeration:
            let isDelimited = known == .group || features.messageEncoding == .delimited
            return (isDelimited ? .group : .message, index)
        case .enumeration(let index) where known == nil || known == .enumeration:
            return (.enumeration, index)
        default:
            throw .unknownType(name: field.typeName, referencedBy: fullName, file: file)
        }
    }

    /// Sorts a message's fields and checks what only all of them together show.
    private mutating func finish(_ index: Int) throws(SchemaError) {
        let (fullName, file) = (messages[index].fullName, messages[index].file)
        func invalid(_ reason: String) -> SchemaError { .invalid(symbol: fullName, reason: reason, file: file) }

        messages[index].fields.sort { $0.number < $1.number }
        let isLegacyJSON = messages[index].features.jsonFormat == .legacyBestEffort
        if isLegacyJSON { giveWay(in: index) }
        var names: Set<String> = []
        var jsonNames: Set<String> = []
        var previous: Int32 = 0
        for place in messages[index].fields.indices {
            let field = messages[index].fields[place]
            guard field.number != previous else { throw invalid("uses field number \(field.number) twice") }
            previous = field.number
            guard names.insert(field.name).inserted else {
                throw .duplicateSymbol(name: SymbolTable.join(fullName, field.name), file: file)
            }
            // proto2 lets JSON names collide; the later field then goes by the name that it has in the file.
            if !jsonNames.insert(field.jsonName).inserted {
                guard isLegacyJSON, jsonNames.insert(field.name).inserted else {
                    throw invalid("has two fields with the JSON name \"\(field.jsonName)\"")
                }
                messages[index].fields[place].jsonName = field.name
            }
        }
        let fields = messages[index].fields
        if messages[index].descriptor.isMapEntry {
            guard fields.count == 2, fields[0].number == 1, fields[1].number == 2, isMapKey(fields[0].kind),
                fields.allSatisfy({ $0.cardinality.isSingular && $0.oneof < 0 }), fields[1].kind != .group
            else { throw invalid("is not a valid map entry") }
        }
        for expected in WellKnownType(fullName: fullName).expectedFields {
            let isThere = fields.contains {
                $0.number == expected.number && $0.kind == expected.kind
                    && $0.cardinality.isSingular != expected.isRepeated
            }
            guard isThere else { throw invalid("is not the well-known type of that name") }
        }
    }

    /// Lets fields keep the JSON name that is their own name too, and others that would take it go by theirs.
    private mutating func giveWay(in index: Int) {
        let fields = messages[index].fields
        let own = Set(fields.filter { $0.name == $0.jsonName }.map(\.name))
        for place in fields.indices where fields[place].name != fields[place].jsonName {
            if own.contains(fields[place].jsonName) { messages[index].fields[place].jsonName = fields[place].name }
        }
    }

    private func isMapKey(_ kind: FieldKind) -> Bool {
        switch kind {
        case .double, .float, .bytes, .message, .group, .enumeration: false
        default: true
        }
    }

    // MARK: - Services

    private mutating func resolve(
        _ service: RawService,
        at index: Int,
        in file: FileDescriptor
    ) throws(SchemaError) -> ServiceDescriptor {
        let fullName = SymbolTable.join(file.package, service.name)
        try symbols.define(fullName, as: .other, file: file.name)
        var methods: [ServiceDescriptor.Method] = []
        for (place, method) in service.methods.enumerated() {
            let methodName = "\(fullName).\(method.name)"
            try symbols.define(methodName, as: .other, file: file.name)
            methods.append(
                ServiceDescriptor.Method(
                    name: method.name,
                    input: try message(method.input, for: methodName, scope: fullName, file: file.name),
                    output: try message(method.output, for: methodName, scope: fullName, file: file.name),
                    isClientStreaming: method.isClientStreaming,
                    isServerStreaming: method.isServerStreaming,
                    idempotency: ServiceDescriptor.Idempotency(
                        rawValue: UInt8(truncatingIfNeeded: min(method.idempotency, 3))
                    ) ?? .unknown,
                    options: method.options,
                    line: file.methodLines[[index, place]].map { $0 &+ 1 }
                )
            )
        }
        return ServiceDescriptor(fullName: fullName, file: file.name, methods: methods)
    }

    private func message(
        _ name: String,
        for referrer: String,
        scope: String,
        file: String
    ) throws(SchemaError) -> MessageIndex {
        guard case .message(let index) = symbols.resolve(name, scope: scope) else {
            throw .unknownType(name: name, referencedBy: referrer, file: file)
        }
        return MessageIndex(rawValue: index)
    }
}
