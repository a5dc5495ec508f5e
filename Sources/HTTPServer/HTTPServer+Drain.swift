internal import EventLoop

/// Ending a server without losing a request.
///
/// A request counts as accepted when its connection is made, if it is the first there, and otherwise when it arrives before
/// the connection's end has been sent; a client that finds a used connection closed in place of any byte of an answer
/// knows that it may try again (RFC 9112, section 9.6).
extension HTTPServer {
    /// A server on its way to the end.
    struct Drain {
        /// Nil where the listener is somebody else's too, or is closed already.
        var listener: ClosingListener?
        /// So far.
        var looks: UInt64 = 0
        /// What ``HTTPServer/acceptedConnections`` was at the last look; nil before the first.
        var accepted: UInt64?
        let timer: LoopTimer
    }

    /// Milliseconds between two looks at what is left.
    private static let drainInterval: UInt64 = 20
    /// Looks for which an idle connection is left open, so that its client can be told by an answer: half a second.
    private static let idleLooks = 25
    /// Looks that a client has to close a connection whose end it has been sent: a quarter of a second.
    private static let endingLooks = 12

    /// Makes no new connections, accepts those that wait, and ends those that are idle and stay so.
    ///
    /// Each answer from now on must say `Connection: close`. All is done once ``isDrained``.
    package func beginDraining() {
        guard drain == nil, !isClosing else { return }
        let timer = LoopTimer(on: loop) { [unowned self] in lookAround() }
        let listener = ownsListener && !isQuiesced ? ClosingListener(listenerDescriptor) : nil
        drain = Drain(listener: listener, timer: timer)
        // Somebody else goes on listening there.
        if listener == nil { stopListening() }
        timer.start(afterMilliseconds: 0)
    }

    var isDraining: Bool { drain != nil }

    /// Whether nothing is left of what was to be drained.
    package var isDrained: Bool {
        isQuiesced && exchangesInProgress == 0 && watch.isEmpty && lingering.isEmpty
    }

    private func lookAround() {
        guard drain != nil, !isClosing else { return }
        closeListenerIfEmpty()
        watch.endQuietOnes(after: HTTPServer.idleLooks, closingAfter: HTTPServer.endingLooks)
        // libmicrohttpd 0.9.75 forgets a connection whose chunked answer was cut off until it next looks at the oldest ones.
        wakeUp()
        drain?.timer.start(afterMilliseconds: HTTPServer.drainInterval)
    }

    private func closeListenerIfEmpty() {
        guard let listener = drain?.listener, let looks = drain?.looks else { return }
        drain?.looks = looks + 1
        // Where it cannot be told otherwise, a look without a new connection says that there is none.
        let hasNone = acceptedConnections == drain?.accepted && connectionCount < configuration.maximumConnections
        drain?.accepted = acceptedConnections
        guard looks * HTTPServer.drainInterval >= listener.settlingTime, !(listener.hasWaitingConnection ?? !hasNone)
        else { return }
        drain?.listener = nil
        stopListening()
    }
}
