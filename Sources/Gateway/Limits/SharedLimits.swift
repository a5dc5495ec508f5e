internal import EventLoop
internal import HTTPServer

/// What all workers count together.
///
/// It outlives any one configuration: ``apply(_:)`` puts the numbers of another in force for connections that come from then
/// on, and what was counted stays. The rate table has no numbers of its own.
final class SharedLimits: Sendable {
    let connections: ConnectionLedger
    let rates = RateTable()

    init(_ configuration: GatewayConfiguration) {
        connections = ConnectionLedger(configuration.connectionLimits)
    }

    func apply(_ configuration: GatewayConfiguration) {
        connections.set(configuration.connectionLimits)
    }
}

extension GatewayConfiguration {
    fileprivate var connectionLimits: ConnectionLedger.Limits {
        ConnectionLedger.Limits(
            total: limits.connections,
            perClient: limits.connectionsPerClient,
            // Behind a proxy, all clients have its address.
            exempt: trustedProxies.networks
        )
    }
}
