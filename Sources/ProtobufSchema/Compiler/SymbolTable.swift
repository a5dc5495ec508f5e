/// Every full name that a descriptor set defines.
struct SymbolTable {
    enum Symbol {
        case message(Int32)
        case enumeration(Int32)
        case other
    }

    private var symbols: [String: Symbol] = [:]

    /// Files a definition, refusing a second one of the name.
    mutating func define(_ name: String, as symbol: Symbol, file: String) throws(SchemaError) {
        guard symbols.updateValue(symbol, forKey: name) == nil else {
            throw .duplicateSymbol(name: name, file: file)
        }
    }

    subscript(_ fullName: String) -> Symbol? { symbols[fullName] }

    /// Finds a type as C++ and protoc do: `.a.B` is absolute, `B` is looked for from the innermost scope outwards.
    func resolve(_ name: String, scope: String) -> Symbol? {
        if name.hasPrefix(".") { return symbols[String(name.dropFirst())] }
        var scope = Substring(scope)
        while !scope.isEmpty {
            if let symbol = symbols["\(scope).\(name)"] { return symbol }
            guard let dot = scope.lastIndex(of: ".") else { break }
            scope = scope[..<dot]
        }
        return symbols[name]
    }

    /// `name` within `scope`.
    static func join(_ scope: String, _ name: String) -> String {
        scope.isEmpty ? name : "\(scope).\(name)"
    }
}
