import EventLoop
import Testing

@testable import Gateway

@Suite
struct OpenFileLimitTests {
    @Test(arguments: [(1000, 1599, false), (1000, 1600, true), (0, 10, true)] as [(Int, UInt64, Bool)])
    func warns(connections: Int, limit: UInt64, isEnough: Bool) throws {
        var configuration = GatewayConfiguration(listen: try SocketAddress(parsing: "127.0.0.1:0"), upstreams: [])
        configuration.limits.connections = connections
        configuration.workers = 1
        let warning = OpenFileLimit.warning(configuration, limit: limit)
        #expect((warning == nil) == isEnough)
        #expect(warning?.contains("--max-connections 1000") ?? isEnough)
    }

    @Test
    func raisingIsIdempotent() {
        let limit = OpenFileLimit.raise()
        #expect(limit > 0)
        #expect(OpenFileLimit.raise() == limit)
    }
}
