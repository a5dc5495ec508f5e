/// One header field; the value is bytes, since a peer may send any.
package struct HeaderField: Hashable, Sendable {
    package let name: String
    package let value: [UInt8]

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = Array(value.utf8)
    }

    package init(_ name: String, bytes value: [UInt8]) {
        self.name = name
        self.value = value
    }

    /// The value as text, invalid UTF-8 repaired.
    package var text: String { String(decoding: value, as: UTF8.self) }
}

extension HeaderField: CustomStringConvertible {
    package var description: String { "\(name): \(text)" }
}

/// Header fields in the order of the wire, repeated names allowed.
package struct HeaderList: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    package var fields: [HeaderField]

    package init(_ fields: [HeaderField] = []) {
        self.fields = fields
    }

    package init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { HeaderField($0.0, $0.1) }
    }

    /// The first value under `name`, whatever its case.
    package subscript(name: String) -> String? {
        let wanted = name.lowercased()
        return fields.first { $0.name.lowercased() == wanted }?.text
    }

    /// All values under `name`, whatever its case, in order.
    package func values(_ name: String) -> [String] {
        let wanted = name.lowercased()
        return fields.filter { $0.name.lowercased() == wanted }.map(\.text)
    }

    package mutating func append(_ name: String, _ value: String) {
        fields.append(HeaderField(name, value))
    }

    package static func + (left: HeaderList, right: HeaderList) -> HeaderList {
        HeaderList(left.fields + right.fields)
    }
}
