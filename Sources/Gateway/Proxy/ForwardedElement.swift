internal import Bytes
internal import HTTPServer

/// What one proxy says of the request that it got: an element of `Forwarded` (RFC 7239, section 4).
struct ForwardedElement: Hashable {
    /// Who sent it, nil where that is missing or malformed.
    var node: ForwardedNode?
    /// Whether by `https`; nil for neither that nor `http`.
    var isSecure: Bool?
    /// Its `Host`, if it is one.
    var host: String?

    /// Takes over the value of the parameter `name`, in any case; others than these three do not matter here.
    fileprivate mutating func set(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        if MediaType.equals(name[...], "for") { node = ForwardedNode(value) }
        if MediaType.equals(name[...], "proto") { isSecure = ForwardedElement.isSecure(value[...]) }
        if MediaType.equals(name[...], "host") { host = ForwardedElement.host(value) }
    }

    static func isSecure(_ scheme: Slice<UnsafeRawBufferPointer>) -> Bool? {
        if MediaType.equals(scheme, "https") { return true }
        return MediaType.equals(scheme, "http") ? false : nil
    }

    static func host(_ value: UnsafeRawBufferPointer) -> String? {
        RequestSyntax.isHost(value) ? String(decoding: value, as: UTF8.self) : nil
    }
}

/// Reads the value of `Forwarded`, its occurrences joined by commas.
///
/// ```
/// Forwarded         = 1#forwarded-element
/// forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )
/// forwarded-pair    = token "=" ( token / quoted-string )
/// ```
///
/// White space around ";" and the characters ":", "[" and "]" without quotes, which some proxies write, are let pass.
/// A parameter that an element has twice makes it malformed, as section 4 has it.
struct ForwardedField: ~Copyable {
    private let text: UnsafeRawBufferPointer
    private var index = 0
    private var elements: [ForwardedElement] = []
    private var value: [UInt8] = []

    /// The elements in the order of the wire, empty ones left out; nil where the whole cannot be understood.
    static func elements(of text: UnsafeRawBufferPointer) -> [ForwardedElement]? {
        var field = ForwardedField(text)
        guard field.read(), !field.elements.isEmpty else { return nil }
        return field.elements
    }

    private init(_ text: UnsafeRawBufferPointer) {
        self.text = text
    }

    private mutating func read() -> Bool {
        while true {
            guard readElement() else { return false }
            guard index < text.count else { return true }
            // readElement() stops at nothing else.
            index += 1
        }
    }

    /// Reads up to the next comma or the end.
    private mutating func readElement() -> Bool {
        var element = ForwardedElement()
        var names: [Range<Int>] = []
        while true {
            skipSpace()
            if let name = readToken(isValue: false) {
                guard skip("=") else { return false }
                let isNew = !names.contains { text[$0].elementsEqual(text[name], by: ForwardedField.areSame) }
                guard isNew, readValue() else { return false }
                names.append(name)
                let bytes = UnsafeRawBufferPointer(rebasing: text[name])
                value.withUnsafeBytes { element.set(bytes, $0) }
                skipSpace()
            }
            guard skip(";") else { break }
        }
        guard index == text.count || text[index] == UInt8(ascii: ",") else { return false }
        if !names.isEmpty { elements.append(element) }
        return true
    }

    private static func areSame(_ left: UInt8, _ right: UInt8) -> Bool {
        FieldName.lowercased(left) == FieldName.lowercased(right)
    }

    private mutating func readValue() -> Bool {
        value.removeAll(keepingCapacity: true)
        guard skip("\"") else {
            guard let token = readToken(isValue: true) else { return false }
            value.append(contentsOf: text[token])
            return true
        }
        while index < text.count {
            var byte = text[index]
            index += 1
            if byte == UInt8(ascii: "\"") { return true }
            if byte == UInt8(ascii: "\\") {
                guard index < text.count else { return false }
                byte = text[index]
                index += 1
            }
            value.append(byte)
        }
        return false
    }

    private mutating func readToken(isValue: Bool) -> Range<Int>? {
        let start = index
        while index < text.count {
            let isExtra = isValue && ":[]".utf8.contains(text[index])
            guard isExtra || FieldSyntax.token.contains(text[index]) else { break }
            index += 1
        }
        return index > start ? start..<index : nil
    }

    private mutating func skipSpace() {
        while index < text.count, text[index] == UInt8(ascii: " ") || text[index] == UInt8(ascii: "\t") { index += 1 }
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard index < text.count, text[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }
}
