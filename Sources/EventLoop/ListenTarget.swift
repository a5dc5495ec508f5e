/// Where a server is told to listen.
package enum ListenTarget: Hashable, Sendable {
    case address(SocketAddress)
    /// The socket of this name that the process was started with, or the only one where nil.
    case passed(name: String?)

    /// Reads `HOST:PORT`, `unix:PATH`, `systemd` or `systemd:NAME`.
    package init(parsing text: String) throws(AddressError) {
        if text == "systemd" {
            self = .passed(name: nil)
        } else if text.hasPrefix("systemd:") {
            let name = String(text.dropFirst("systemd:".utf8.count))
            guard !name.isEmpty else { throw AddressError(description: "\"\(text)\" names no socket") }
            self = .passed(name: name)
        } else {
            self = .address(try SocketAddress(parsing: text))
        }
    }
}
