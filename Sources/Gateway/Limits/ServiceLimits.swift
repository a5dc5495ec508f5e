internal import HTTPServer

/// How much of the gateway clients may take.
package struct ServiceLimits: Hashable, Sendable {
    /// Longest header block, request line included, in bytes as ``HTTPServer/Configuration/maximumHeaderSize`` counts them.
    package var headerBytes = 14 << 10
    /// Longest request target, in bytes.
    package var targetBytes = 8 << 10
    /// Requests that are there as a whole and not yet answered, over all workers, each of which has an equal share; 0 for
    /// as many as there may be.
    package var requestsInFlight = 10_000
    /// Connections at once, over all workers, 0 for as many as there may be.
    package var connections = 16_384
    /// Connections of one client at once, over all workers, 0 for as many as there may be.
    package var connectionsPerClient = 0
    /// In milliseconds, see ``HTTPServer/Configuration/headerTimeout``.
    package var headerTimeout: UInt64 = 10_000
    /// In milliseconds, see ``HTTPServer/Configuration/bodyTimeout``.
    package var bodyTimeout: UInt64 = 30_000
    /// In milliseconds, see ``HTTPServer/Configuration/idleTimeout``.
    package var idleTimeout: UInt64 = 75_000
    /// In bytes a second, see ``HTTPServer/Configuration/minimumBodyRate``.
    package var bodyRate = 500
    /// Requests of one client; nil for as many as it likes.
    package var rate: RateLimit?

    package init() {}

    /// What each of `workers` may have in flight: rounded up, so that none has to refuse everything.
    ///
    /// The kernel deals connections out by their ports and not by load, so a worker may come to its share a little before
    /// all of them together do.
    func requestsInFlight(ofEach workers: Int) -> Int {
        guard requestsInFlight > 0 else { return .max }
        return (requestsInFlight - 1) / max(workers, 1) + 1
    }
}

extension ServiceLimits {
    func apply(to server: inout HTTPServer.Configuration) {
        server.maximumHeaderSize = headerBytes
        server.headerTimeout = headerTimeout
        server.bodyTimeout = bodyTimeout
        server.idleTimeout = idleTimeout
        server.minimumBodyRate = bodyRate
    }
}
