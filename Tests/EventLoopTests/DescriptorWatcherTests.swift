import EventLoop
import Glibc
import Testing

@Suite
struct DescriptorWatcherTests {
    @Test
    func readableAndDisconnected() throws {
        var pair: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { close(pair[0]) }
        let loop = try EventLoop()
        defer { loop.close() }

        var isReadable = false
        let readable = try DescriptorWatcher(pair[0], for: .readable, on: loop) { isReadable = true }
        loop.runOnce(waiting: false)
        #expect(!isReadable)
        #expect(write(pair[1], [1], 1) == 1)
        #expect(loop.run { isReadable })
        readable.close()
        readable.close()
        loop.runOnce(waiting: false)

        var isDisconnected = false
        let disconnected = try DescriptorWatcher(pair[0], for: .disconnected, on: loop) { isDisconnected = true }
        for _ in 0..<3 { loop.runOnce(waiting: false) }
        #expect(!isDisconnected)
        close(pair[1])
        #expect(loop.run { isDisconnected })
        disconnected.close()
    }

    @Test
    func aDescriptorThatIsNoneIsAnError() throws {
        let loop = try EventLoop()
        defer { loop.close() }
        #expect(throws: UVError.self) { try DescriptorWatcher(-1, for: .readable, on: loop) {} }
    }
}
