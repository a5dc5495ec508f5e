internal import EventLoop

extension GRPCChannel {
    /// What a channel is made with.
    package struct Configuration: Sendable {
        /// Where the servers are; calls go to all addresses of all of them in turn.
        package var targets: [ChannelTarget]
        /// The `:authority` of every call, ``ChannelTarget/authority`` of its target where nil; see
        /// ``ChannelTarget/checkAuthority(_:)``.
        ///
        /// With TLS it is also whom SNI asks for and whose certificate the server must have, as in gRPC for Go and Java.
        package var authority: String?
        /// What TLS targets need; they are not connected to without.
        package var tls: TLSCredentials?
        /// The whole `user-agent`.
        package var userAgent = "mltraining-gateway"
        /// Flow-control window of a stream, in bytes: how much of one answer may be on its way, and how much of a stream
        /// whose window is held may still come.
        package var streamWindow: Int32 = 256 * 1024
        /// What the window grows to for a unary answer that announces more than ``streamWindow``.
        package var largeMessageWindow: Int32 = 8 * 1024 * 1024
        /// Flow-control window of a connection, in bytes.
        package var connectionWindow: Int32 = 64 * 1024 * 1024
        /// Largest message that is accepted, in bytes.
        package var maxResponseBytes = 32 * 1024 * 1024
        /// Largest header block that is accepted, in bytes as HTTP/2 counts them (RFC 9113, section 6.5.2).
        package var maxHeaderListBytes = 64 * 1024
        /// Most calls that may wait for a connection or for a free stream.
        package var maxWaitingCalls = 10_000
        /// Most bytes of request messages that may wait so; a single call may wait whatever its size.
        package var maxWaitingBytes = 64 * 1024 * 1024
        /// Most calls at a time on one connection, whatever more its server allows.
        package var maxStreamsPerConnection = 1000
        /// Most bytes of answers' messages that have begun and not ended, all calls together.
        package var maxIncomingBytes = 512 * 1024 * 1024
        /// Longest time from looking the name up to the server's SETTINGS, in nanoseconds, over all its addresses.
        package var connectTimeout: UInt64 = 10_000_000_000
        package var backoff = Backoff()
        package var retry = RetryPolicy()
        /// Most addresses of one target that are used.
        package var maxAddressesPerTarget = 64
        /// Most connections to one address; those beyond the first are made when the server's limit of streams is reached.
        package var maxConnectionsPerAddress = 4
        /// How long a connection beyond the first may be without a new call before it is closed, in nanoseconds.
        package var surplusConnectionIdleTime: UInt64 = 30_000_000_000
        /// How often a name is looked up again, in nanoseconds.
        package var lookupPeriod: UInt64 = 300_000_000_000
        /// Shortest time from one lookup of a name to the next after a connection failed, in nanoseconds.
        package var minimumLookupInterval: UInt64 = 30_000_000_000
        /// How long a server with calls may be silent before it is asked for a sign of life, in nanoseconds; nil for ever.
        ///
        /// An open watch of its health (``healthCheckService``) counts as a call.
        /// Servers may object to less than five minutes (gRFC A8).
        package var keepaliveTime: UInt64?
        /// How long the sign of life may take, in nanoseconds.
        package var keepaliveTimeout: UInt64 = 20_000_000_000
        /// Whether servers without calls are asked too.
        package var keepaliveWithoutCalls = false
        /// The service whose health servers are asked for (grpc.health.v1), "" for the server as a whole; nil asks nothing.
        ///
        /// Then only servers that say SERVING get calls, see ``HealthMonitor``.
        package var healthCheckService: String?
        /// How often a server is asked that is not serving, or that cannot be watched, in nanoseconds.
        package var healthCheckPeriod: UInt64 = 10_000_000_000
        /// How long the first answer of a server about its health may take, or a stream to ask for it, in nanoseconds.
        package var healthCheckTimeout: UInt64 = 5_000_000_000
        /// How names are looked up; tests have their own.
        var lookup: Lookup = { host, port, loop, completion in
            Resolver.resolve(host: host, port: port, on: loop, completion)
        }

        package init(targets: [ChannelTarget]) {
            self.targets = targets
        }

        package init(target: ChannelTarget) {
            self.init(targets: [target])
        }
    }

    /// Looks up a host and port and, later, calls back exactly once on the loop's thread.
    typealias Lookup =
        @Sendable (String, UInt16, EventLoop, @escaping (Result<[SocketAddress], UVError>) -> Void) -> Void
}
