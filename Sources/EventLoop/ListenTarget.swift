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

extension ListenTarget: CustomStringConvertible {
    /// As it was read.
    package var description: String {
        switch self {
        case .address(let address): "\(address)"
        case .passed(let name): name.map { "systemd:\($0)" } ?? "systemd"
        }
    }

    /// Whether listening there makes the file of a unix-domain socket.
    package var isSocketFile: Bool {
        guard case .address(let address) = self else { return false }
        return address.port == nil
    }
}
