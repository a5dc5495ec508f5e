import EventLoop
import Glibc
import Testing

@Suite
struct ListeningSocketTests {
    private let loopback: SocketAddress

    init() throws {
        loopback = try #require(SocketAddress(literal: "127.0.0.1", port: 0))
    }

    @Test
    func portZeroIsReplacedByTheKernelsChoice() throws {
        let socket = try ListeningSocket(loopback)
        let port = socket.address.port
        #expect(port != nil && port != 0)
        let text = socket.address.description
        #expect(text == "127.0.0.1:\(port ?? 0)")
    }

    @Test
    func anAddressInUseIsAnError() throws {
        let socket = try ListeningSocket(loopback)
        let address = socket.address
        do {
            let second = try ListeningSocket(address)
            let text = second.address.description
            Issue.record("bound twice: \(text)")
        } catch {
            #expect(error.code == UVError.addressInUse)
            #expect(error.description == "bind \(address): address already in use")
        }
        let stillOpen = socket.address
        #expect(stillOpen == address)
    }

    @Test
    func aPortIsSharedOnRequest() throws {
        let first = try ListeningSocket(loopback, sharesPort: true)
        let second = try ListeningSocket(first.address, sharesPort: true)
        let addresses = [first.address, second.address]
        #expect(addresses[0] == addresses[1])
    }

    @Test
    func aUnixSocketIsBound() throws {
        let path = "/tmp/listening-socket-tests-\(getpid()).sock"
        unlink(path)
        defer { unlink(path) }
        let address = try #require(SocketAddress(unixPath: path))
        let socket = try ListeningSocket(address)
        let text = socket.address.description
        #expect(text == "unix:\(path)")
        #expect(access(path, F_OK) == 0)
    }

    @Test
    func theDescriptorGivenAwayStaysOpen() throws {
        let socket = try ListeningSocket(loopback)
        let descriptor = socket.takeDescriptor()
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(close(descriptor) == 0)
    }
}
