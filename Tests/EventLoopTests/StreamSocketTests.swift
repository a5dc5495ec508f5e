import EventLoop
import Glibc
import Testing

@Suite
struct StreamSocketTests {
    /// Remembers what a socket tells.
    private final class Log {
        var isConnected = false
        var received: [UInt8] = []
        var drains = 0
        var end: UVError?

        func note(_ event: StreamSocket.Event) {
            switch event {
            case .connected: isConnected = true
            case .received(let bytes): received += Array(bytes)
            case .drained: drains += 1
            case .closed(let error): end = error
            }
        }
    }

    private func withConnection(
        _ peer: Peer,
        _ body: (EventLoop, StreamSocket, Log) throws -> Void
    ) throws {
        let loop = try EventLoop()
        defer { loop.close() }
        let log = Log()
        let socket = StreamSocket(connectingTo: peer.address, on: loop) { log.note($0) }
        defer { socket.close() }
        #expect(!log.isConnected)
        #expect(loop.run { log.isConnected && peer.accept() })
        try body(loop, socket, log)
    }

    @Test
    func bytesGoBothWaysOverTCP() throws {
        let peer = try Peer()
        try withConnection(peer) { loop, socket, log in
            socket.write([1, 2, 3])
            #expect(loop.run { peer.read(upTo: 10) == [1, 2, 3] })
            peer.write([4, 5])
            #expect(loop.run { log.received == [4, 5] })
            #expect(log.drains == 0)
        }
    }

    @Test
    func bytesGoBothWaysOverAUnixSocket() throws {
        let path = "/tmp/event-loop-tests-\(getpid()).sock"
        unlink(path)
        defer { unlink(path) }
        let peer = try Peer(try #require(SocketAddress(unixPath: path)))
        try withConnection(peer) { loop, socket, log in
            socket.write([1])
            #expect(loop.run { peer.read(upTo: 10) == [1] })
            peer.write([2])
            #expect(loop.run { log.received == [2] })
        }
    }

    @Test
    func whatTheKernelDoesNotTakeWaitsAndArrivesInOrder() throws {
        let peer = try Peer()
        try withConnection(peer) { loop, socket, log in
            let part = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
            for _ in 0..<12 { socket.write(part) }
            #expect(socket.pendingByteCount > 0)
            var seen: [UInt8] = []
            #expect(
                loop.run {
                    seen += peer.read(upTo: 256 * 1024)
                    return seen.count >= 12 * part.count
                }
            )
            #expect(seen.count == 12 * part.count)
            let isInOrder = seen.withUnsafeBytes { seen in
                stride(from: 0, to: seen.count, by: part.count).allSatisfy { start in
                    seen.baseAddress.map { memcmp($0 + start, part, part.count) } == 0
                }
            }
            #expect(isInOrder)
            #expect(loop.run { log.drains == 1 })
            #expect(socket.pendingByteCount == 0)
        }
    }

    @Test
    func pausedReadingDeliversNothing() throws {
        let peer = try Peer()
        try withConnection(peer) { loop, socket, log in
            socket.pauseReading()
            peer.write([1])
            for _ in 0..<5 { loop.runOnce(waiting: false) }
            #expect(log.received.isEmpty)
            socket.resumeReading()
            #expect(loop.run { log.received == [1] })
        }
    }

    @Test
    func theEndOfTheStreamClosesTheSocket() throws {
        let peer = try Peer()
        try withConnection(peer) { loop, socket, log in
            peer.write([9])
            peer.close()
            #expect(loop.run { log.end != nil })
            #expect(log.received == [9])
            #expect(log.end?.code == UVError.endOfFile)
            socket.write([1])
        }
    }

    @Test
    func aResetIsAnError() throws {
        let peer = try Peer()
        try withConnection(peer) { loop, socket, log in
            peer.abort()
            #expect(loop.run { log.end != nil })
            #expect(log.end?.description == "read: connection reset by peer")
        }
    }

    @Test
    func aRefusedConnection() throws {
        let address: SocketAddress
        do {
            address = try Peer().address
        }
        let loop = try EventLoop()
        defer { loop.close() }
        let log = Log()
        let socket = StreamSocket(connectingTo: address, on: loop) { log.note($0) }
        #expect(loop.run { log.end != nil })
        #expect(log.end?.description == "connect: connection refused")
        #expect(!log.isConnected)
        socket.close()
    }

    @Test
    func aUnixSocketThatIsNotThere() throws {
        let loop = try EventLoop()
        defer { loop.close() }
        let log = Log()
        let address = try #require(SocketAddress(unixPath: "/nonexistent/socket"))
        let socket = StreamSocket(connectingTo: address, on: loop) { log.note($0) }
        #expect(log.end == nil)
        #expect(loop.run { log.end != nil })
        #expect(log.end?.description == "connect: no such file or directory")
        socket.close()
    }

    @Test
    func closingEndsTheEventsAlsoFromWithinOne() throws {
        let peer = try Peer()
        let loop = try EventLoop()
        defer { loop.close() }
        var events = 0
        var socket: StreamSocket?
        socket = StreamSocket(connectingTo: peer.address, on: loop) { _ in
            events += 1
            socket?.close()
            socket?.close()
        }
        #expect(loop.run { events > 0 && peer.accept() })
        peer.write([1, 2])
        for _ in 0..<5 { loop.runOnce(waiting: false) }
        #expect(events == 1)
        socket = nil
    }

    @Test
    func closingWhileConnectingOrWriting() throws {
        let peer = try Peer()
        let loop = try EventLoop()
        let connecting = StreamSocket(connectingTo: peer.address, on: loop) { _ in
            Issue.record("an event after close")
        }
        connecting.close()
        let log = Log()
        let writing = StreamSocket(connectingTo: peer.address, on: loop) { log.note($0) }
        #expect(loop.run { log.isConnected })
        writing.write([UInt8](repeating: 1, count: 16_000_000))
        #expect(writing.pendingByteCount > 0)
        writing.close()
        loop.close()
        #expect(log.drains == 0 && log.end == nil)
    }
}

extension StreamSocket {
    fileprivate func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { write($0) }
    }
}
