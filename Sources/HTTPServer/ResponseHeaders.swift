internal import CMicroHTTPD

/// The header block of an answer under construction.
package struct ResponseHeaders: ~Copyable {
    private let response: OpaquePointer

    init(_ response: OpaquePointer) {
        self.response = response
    }

    /// Adds a header whose name and value are literals.
    package func add(_ name: StaticString, _ value: StaticString) {
        value.withUTF8Buffer { add(name, cString: UnsafeRawBufferPointer($0).bindMemory(to: CChar.self).baseAddress) }
    }

    /// Adds a header with a computed value; one that holds control characters is left out (RFC 9110, section 5.5).
    package func add(_ name: StaticString, text value: String) {
        guard isFieldValue(value) else { return }
        value.withCString { add(name, cString: $0) }
    }

    private func isFieldValue(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { !RequestSyntax.holdsControl(UnsafeRawBufferPointer($0)) }
    }

    /// Adds a header whose name, which must be a token, is computed too; an empty value is left out as well.
    package func add(name: String, text value: String) {
        guard !value.isEmpty, isFieldValue(value) else { return }
        name.withCString { name in
            value.withCString { _ = MHD_add_response_header(response, name, $0) }
        }
    }

    /// Adds a header whose value is a NUL-terminated string without control characters.
    package func add(_ name: StaticString, cString value: UnsafePointer<CChar>?) {
        guard let value else { return }
        name.withUTF8Buffer { bytes in
            // Literals are NUL-terminated.
            let start = UnsafeRawBufferPointer(bytes).bindMemory(to: CChar.self).baseAddress
            _ = MHD_add_response_header(response, start, value)
        }
    }
}
