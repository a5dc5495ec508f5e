import Glibc

/// A port of 127.0.0.1 that stays the test's own while servers on it come and go.
///
/// The socket is bound but does not listen: connecting is refused, the system gives the port to nobody who asks for
/// any, and whoever asks for this one with SO_REUSEADDR set, as servers do, gets it.
package final class PortReservation: Sendable {
    package let port: UInt16
    /// Owned here.
    private let descriptor: Int32

    package init() throws(SystemError) {
        (descriptor, port) = try Sockets.bind(port: 0)
    }

    deinit {
        close(descriptor)
    }
}
