import EventLoop
import Testing

@testable import Gateway
@testable import HTTPServer

@Suite
struct SharedLimitsTests {
    private func isRefused(_ shared: SharedLimits, _ peer: String) -> Bool {
        guard case .refused = shared.connections.admit(IPAddress(parsing: peer)) else { return false }
        return true
    }

    /// As a reload does: what is open stays counted.
    @Test
    func otherNumbersHoldFromThenOn() throws {
        var configuration = GatewayConfiguration(listen: try SocketAddress(parsing: "127.0.0.1:0"), upstreams: [])
        configuration.limits.connections = 2
        let shared = SharedLimits(configuration)
        #expect(!isRefused(shared, "192.0.2.1"))
        #expect(!isRefused(shared, "192.0.2.1"))
        #expect(isRefused(shared, "192.0.2.1"))

        configuration.limits.connections = 5
        configuration.limits.connectionsPerClient = 1
        configuration.trustedProxies = try TrustedProxies(parsing: ["10.0.0.0/8"])
        shared.apply(configuration)
        #expect(!isRefused(shared, "192.0.2.2"))
        #expect(isRefused(shared, "192.0.2.2"))
        #expect(!isRefused(shared, "10.0.0.1"))
        #expect(!isRefused(shared, "10.0.0.1"))
        #expect(isRefused(shared, "10.0.0.1"))
        #expect(shared.connections.count == 5)

        configuration.limits.connections = 0
        shared.apply(configuration)
        #expect(!isRefused(shared, "10.0.0.1"))
    }
}
