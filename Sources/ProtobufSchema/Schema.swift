/// A `FileDescriptorSet` compiled into immutable tables.
///
/// Shared by all workers. The request path walks ``tables``; the rest is for start-up and error texts. Owns the tables'
/// memory and frees it in `deinit`, so keep the schema wherever a copy of the tables is kept.
package final class Schema: Sendable {
    package let tables: SchemaTables
    package let services: [ServiceDescriptor]
    package let messageCount: Int

    private let messageNames: [String]
    private let enumNames: [String]
    private let memory: TableMemory

    /// Compiles the serialized `FileDescriptorSet` in `bytes`, which need not be trusted.
    ///
    /// Throws ``SchemaError`` for whatever protoc would not have made: malformed bytes, missing imports, unknown types,
    /// duplicate definitions.
    package convenience init(descriptorSet bytes: [UInt8]) throws(SchemaError) {
        self.init(try SchemaCompiler(try Schema.parse(bytes)))
    }

    private init(_ compiler: SchemaCompiler) {
        let layout = TableLayout(compiler)
        memory = TableMemory(layout)
        tables = memory.tables
        services = compiler.services
        messageCount = compiler.messages.count
        messageNames = compiler.messages.map(\.fullName)
        enumNames = compiler.enums.map(\.fullName)
    }

    private static func parse(_ bytes: [UInt8]) throws(SchemaError) -> [FileDescriptor] {
        // Keeps every index, count and text offset within Int32 and UInt32.
        guard bytes.count <= 64 << 20 else { throw .tooLarge }
        var files: [FileDescriptor] = []
        var contents: [String: [UInt8]] = [:]
        var duplicate: String?
        do throws(WireError) {
            try bytes.withWireReader { reader throws(WireError) in
                while let tag = try reader.nextTag() {
                    guard tag.number == 1, tag.wireType == .lengthDelimited else {
                        try reader.skip(tag)
                        continue
                    }
                    let content = try reader.readBytes()
                    var fileReader = WireReader(content)
                    let file = try FileDescriptor(&fileReader)
                    // Sets that were concatenated hold the files they share twice.
                    if let earlier = contents.updateValue(Array(content), forKey: file.name) {
                        if !earlier.elementsEqual(content) { duplicate = file.name }
                    } else {
                        files.append(file)
                    }
                }
            }
        } catch {
            throw .malformed(error)
        }
        if let duplicate { throw .duplicateFile(path: duplicate) }
        return files
    }
}

// MARK: - Messages

extension Schema {
    /// The message with this full name, without a leading dot.
    package func message(named name: String) -> MessageIndex? {
        var name = name
        return name.withUTF8 { message(named: UnsafeRawBufferPointer($0)) }
    }

    /// The message with this full name, without a leading dot, as UTF-8.
    package func message(named name: UnsafeRawBufferPointer) -> MessageIndex? {
        tables.message(named: name)
    }

    /// Full name of a message.
    package func name(of message: MessageIndex) -> String { messageNames[Int(message.rawValue)] }

    /// All messages, map entries included.
    package var messages: [MessageIndex] {
        (0..<messageCount).map { MessageIndex(rawValue: Int32($0)) }
    }

    package func wellKnownType(of message: MessageIndex) -> WellKnownType {
        tables[message].pointee.wellKnownType
    }
}

// MARK: - Fields

extension Schema {
    /// The fields of `message`, extensions included, in number order.
    package func fields(of message: MessageIndex) -> [FieldIndex] {
        let entry = tables[message].pointee
        return (entry.firstField..<entry.firstField + entry.fieldCount).map { FieldIndex(rawValue: $0) }
    }

    /// The field of `message` with this JSON name or name of the `.proto` file.
    package func field(named name: String, in message: MessageIndex) -> FieldIndex? {
        var name = name
        return name.withUTF8 { field(named: UnsafeRawBufferPointer($0), in: message) }
    }

    /// The field of `message` with this JSON name or name of the `.proto` file, as UTF-8.
    package func field(named name: UnsafeRawBufferPointer, in message: MessageIndex) -> FieldIndex? {
        tables.field(named: name, in: tables[message]).map { tables.index(of: $0) }
    }

    package subscript(_ index: FieldIndex) -> FieldInfo {
        let entry = tables[index].pointee
        return FieldInfo(
            index: index,
            message: entry.message,
            number: entry.number,
            kind: entry.kind,
            cardinality: entry.cardinality,
            childMessage: entry.kind.isMessage ? entry.childMessage : nil,
            childEnum: entry.kind == .enumeration ? entry.childEnum : nil,
            name: tables.string(entry.name),
            jsonName: tables.string(entry.jsonName),
            oneof: entry.oneof < 0 ? nil : Int(entry.oneof)
        )
    }
}

// MARK: - Enums

extension Schema {
    package subscript(_ index: EnumIndex) -> EnumInfo {
        let entry = tables[index].pointee
        let names = UnsafeBufferPointer(start: tables.enumNames + Int(entry.firstName), count: Int(entry.nameCount))
        return EnumInfo(
            fullName: enumNames[Int(index.rawValue)],
            values: names.map { (tables.string($0.name), $0.number) },
            isClosed: entry.isClosed
        )
    }
}
