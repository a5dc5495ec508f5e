/// A connection to a ``TLSFront`` and what its client showed.
package struct RecordedTLS: Sendable {
    /// `TLS1.3`; nil until the handshake is done.
    package internal(set) var version: String?
    /// The name that SNI asked for.
    package internal(set) var serverName: String?
    package internal(set) var isResumed = false
    package internal(set) var hasClientCertificate = false
    /// Why there was no handshake, in GnuTLS's words.
    package internal(set) var handshakeError: String?
    /// The alert that the client ended the connection with, in GnuTLS's words.
    package internal(set) var alert: String?
    /// The client said that it was done (close_notify).
    package internal(set) var isEndedInOrder = false
    package internal(set) var isOpen = true
    package internal(set) var keyUpdates = 0
}

/// What the threads of a ``TLSFront`` and the tests share.
struct TLSFrontState: Sendable {
    var isStopping = false
    var connections: [RecordedTLS] = []
    /// Open sockets, for whoever stops the front to shut down.
    var descriptors: Set<Int32> = []

    /// Takes a new connection in and numbers it from 0; nil when stopping.
    mutating func begin(_ descriptor: Int32) -> Int? {
        guard !isStopping else { return nil }
        connections.append(RecordedTLS())
        descriptors.insert(descriptor)
        return connections.count - 1
    }
}
