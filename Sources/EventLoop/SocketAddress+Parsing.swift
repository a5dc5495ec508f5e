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
        guard let port = UInt16(text[text.index(after: colon)...]) else {
            throw AddressError(description: "\"\(text)\": the port is not a number from 0 to 65535")
        }
        let host = SocketAddress.withoutBrackets(text[..<colon])
        guard let address = SocketAddress(literal: host == "localhost" ? "127.0.0.1" : host, port: port) else {
            throw AddressError(
                description: "\"\(text)\": \"\(host)\" is not an IP address; IPv6 addresses are written [::1]:8080"
            )
        }
        self = address
    }

    private static func withoutBrackets(_ host: Substring) -> String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : String(host)
    }
}
