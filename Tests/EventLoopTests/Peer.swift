import EventLoop
import Glibc
import Testing

/// The other end of a ``StreamSocket``: plain blocking calls on an accepted connection.
final class Peer {
    private let listener: Int32
    let address: SocketAddress
    private var connection: Int32 = -1

    init(_ wanted: SocketAddress) throws {
        let socket = try ListeningSocket(wanted)
        address = socket.address
        listener = socket.takeDescriptor()
    }

    convenience init() throws {
        try self.init(try #require(SocketAddress(literal: "127.0.0.1", port: 0)))
    }

    deinit {
        close()
        Glibc.close(listener)
    }

    /// Takes the connection that waits, if there is one.
    func accept() -> Bool {
        connection = Glibc.accept(listener, nil, nil)
        return connection >= 0
    }

    func write(_ bytes: [UInt8]) {
        #expect(Glibc.write(connection, bytes, bytes.count) == bytes.count)
    }

    /// What can be read now, up to `limit` bytes, without waiting.
    func read(upTo limit: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = recv(connection, &bytes, limit, Int32(MSG_DONTWAIT))
        return Array(bytes.prefix(max(0, count)))
    }

    func close() {
        if connection >= 0 { Glibc.close(connection) }
        connection = -1
    }

    /// Ends the connection with RST.
    func abort() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        close()
    }
}
