/// Why a text is not an address.
package struct AddressError: Error, CustomStringConvertible, Sendable {
    package let description: String
}

extension SocketAddress {
    /// Reads `HOST:PORT` or `unix:PATH`, where HOST is an IPv4 address, a bracketed IPv6 address or `localhost`.
    package init(parsing text: String) throws(AddressError) {
        if text.hasPrefix("unix:") {
            guard let address = SocketAddress(unixPath: String(text.dropFirst(5))) else {
                throw AddressError(description: "\"\(text)\": the path is empty or longer than a socket's may be")
            }
            self = address
            return
        }
        guard let colon = text.lastIndex(of: ":") else {
            throw AddressError(description: "\"\(text)\" has no port; write HOST:PORT or unix:PATH")
        }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let port = UInt16(digits) else {
            throw AddressError(description: "\"\(text)\": the port is not a number from 0 to 65535")
        }
        let host = String(text[..<colon])
        guard let literal = SocketAddress.literal(host), let address = SocketAddress(literal: literal, port: port)
        else {
            throw AddressError(
                description: "\"\(text)\": \"\(host)\" is not an IP address; IPv6 addresses are written [::1]:8080"
            )
        }
        self = address
    }

    /// The address in `host`: IPv6 in brackets and nothing else in them (RFC 3986, section 3.2.2).
    private static func literal(_ host: String) -> String? {
        if host == "localhost" { return "127.0.0.1" }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        guard isBracketed == host.contains(":") else { return nil }
        return isBracketed ? String(host.dropFirst().dropLast()) : host
    }
}
