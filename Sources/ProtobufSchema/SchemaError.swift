/// Why a descriptor set cannot be served.
package enum SchemaError: Error, Hashable, Sendable {
    /// The bytes are not a `FileDescriptorSet`.
    case malformed(WireError)
    /// A file imports one that the set does not hold (protoc's `--include_imports` was left out).
    case missingImport(path: String, importedBy: String)
    /// Two different files of one name.
    case duplicateFile(path: String)
    /// Two definitions of one full name.
    case duplicateSymbol(name: String, file: String)
    /// A field or method names a type that the set does not define.
    case unknownType(name: String, referencedBy: String, file: String)
    /// A definition that no protobuf compiler accepts.
    case invalid(symbol: String, reason: String, file: String)
    /// More than 64 MiB.
    case tooLarge
}

extension SchemaError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let error):
            "not a FileDescriptorSet: \(error)"
        case .missingImport(let path, let importer):
            "\(importer) imports \"\(path)\", which the descriptor set does not hold (protoc --include_imports adds it)"
        case .duplicateFile(let path):
            "the descriptor set holds two different files named \"\(path)\""
        case .duplicateSymbol(let name, let file):
            "\(file): \"\(name)\" is defined twice"
        case .unknownType(let name, let referrer, let file):
            "\(file): \(referrer) refers to \"\(name)\", which the descriptor set does not define"
        case .invalid(let symbol, let reason, let file):
            "\(file): \(symbol) \(reason)"
        case .tooLarge:
            "the descriptor set is larger than 64 MiB"
        }
    }
}
