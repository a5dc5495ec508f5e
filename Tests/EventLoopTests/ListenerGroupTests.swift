import EventLoop
import Glibc
import Testing

@Suite
struct ListenerGroupTests {
    private let path = "/tmp/listener-group-tests-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"

    private var unix: SocketAddress {
        get throws { try #require(SocketAddress(unixPath: path)) }
    }

    @Test
    func workersShareAPort() throws {
        let loopback = try #require(SocketAddress(literal: "127.0.0.1", port: 0))
        let group = try ListenerGroup(loopback, count: 2)
        let first = try group.makeSocket()
        let second = try group.makeSocket()
        let addresses = [first.address, second.address]
        #expect(addresses == [group.address, group.address])
    }

    @Test(arguments: [1, 2])
    func anotherGroupOnTheSamePortIsRefused(count: Int) throws {
        let loopback = try #require(SocketAddress(literal: "127.0.0.1", port: 0))
        let group = try ListenerGroup(loopback, count: 2)
        let address = group.address
        let error = #expect(throws: UVError.self) { try ListenerGroup(address, count: count) }
        #expect(error?.code == UVError.addressInUse)
        _ = try group.makeSocket()
    }

    @Test
    func aUnixSocketIsSharedAndItsFileRemoved() throws {
        let group = try ListenerGroup(unix, count: 2)
        let sockets = (first: try group.makeSocket().takeDescriptor(), second: try group.makeSocket().takeDescriptor())
        #expect(sockets.first != sockets.second)
        group.closeUnused()
        #expect(throws: UVError.self) { try ListenerGroup(unix, count: 1) }
        close(sockets.first)
        close(sockets.second)
        group.removeSocketFile()
        #expect(access(path, F_OK) == -1)
    }

    @Test
    func aSocketThatNobodyServesIsReplaced() throws {
        do {
            let abandoned = try ListeningSocket(unix)
            let address = abandoned.address
            #expect(try address == unix)
        }
        #expect(access(path, F_OK) == 0)
        let group = try ListenerGroup(unix, count: 1)
        group.removeSocketFile()
    }

    /// Whatever stands at the path that is not a socket is somebody's.
    @Test
    func aFileIsNeverRemoved() throws {
        let descriptor = open(path, O_CREAT | O_WRONLY, 0o600)
        close(descriptor)
        defer { unlink(path) }
        #expect(throws: UVError.self) { try ListenerGroup(unix, count: 1) }
        #expect(access(path, F_OK) == 0)
    }

    @Test
    func theSocketOfASuccessorStays() throws {
        let group = try ListenerGroup(unix, count: 1)
        group.closeUnused()
        let successor = try ListenerGroup(unix, count: 1)
        group.removeSocketFile()
        #expect(access(path, F_OK) == 0)
        successor.removeSocketFile()
        #expect(access(path, F_OK) == -1)
    }
}
