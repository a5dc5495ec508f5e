extension GRPCChannel {
    /// What a channel is made with.
    package struct Configuration: Sendable {
        package var target: ChannelTarget
        /// The `:authority` of every call, ``ChannelTarget/authority`` where nil; see ``ChannelTarget/checkAuthority(_:)``.
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
        /// Longest time from looking the name up to the server's SETTINGS, in nanoseconds, over all its addresses.
        package var connectTimeout: UInt64 = 10_000_000_000
        package var backoff = Backoff()

        package init(target: ChannelTarget) {
            self.target = target
        }

        /// What goes out as `:authority`.
        var effectiveAuthority: String { authority ?? target.authority }

        func makeTLSClient() -> TLSClient? {
            guard target.usesTLS, let tls else { return nil }
            return TLSClient(tls, authority: effectiveAuthority)
        }
    }
}
