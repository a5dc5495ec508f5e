package import Bytes
package import RPCCore

/// One call: the request's bytes, and what becomes of it.
///
/// A gateway subclasses it, so that a request is one object. The class is `open` for that alone: Swift lets no
/// other module inherit from a `package` class. The hooks run on the loop's thread while it handles an event or a
/// timer, never from within ``GRPCChannel/start(_:)``, ``cancel()`` or ``GRPCChannel/flush()``; only
/// ``GRPCChannel/close()`` calls them before it returns. A hook may start and cancel calls and close the channel.
open class ClientCall {
    /// How far the call has come.
    enum Stage {
        case new
        /// In the channel's list of calls that wait for a connection.
        case waiting
        /// Has a stream on ``connection``.
        case streaming
        /// In the channel's list of calls that wait before they are made anew.
        case delayed
        /// Its outcome is decided and ``didClose()`` is due or done.
        case ended
    }

    package final let method: PreparedMethod
    package final let deadline: Deadline
    final let metadata: Metadata
    /// The framed message; kept until the call has ended, as it may have to be sent again.
    final var message: ByteBuffer
    /// Whether the message is a secret, of which nothing is left in memory once the call has ended.
    package final var wipesMessage = false
    final var response: ResponseStateMachine

    /// How the call ended; nil until ``didClose()``.
    package final internal(set) var outcome: CallOutcome?
    final var stage = Stage.new
    final var reach = CallOutcome.Reach.neverSent
    final var channel: GRPCChannel?

    /// The address that it was last sent to.
    package final internal(set) var peerAddress: String?
    /// When it first got a stream, by ``EventLoop/now()``; nil where it did not have to wait for one, or still does.
    package final internal(set) var leftQueueAt: Deadline?

    /// Where it is streaming; still set after the call has ended until nghttp2 has let go of the stream.
    final var connection: HTTP2Connection?
    final var streamID: Int32 = 0
    final var sentBytes = 0
    final var areHeadersSent = false
    final var isRequestSent = false
    final var wasResetByPeer = false
    /// Whether the connection made it for purposes of its own: it is never sent again, nor counts for anything.
    final var isOwn = false
    final private(set) var isWindowHeld = false
    /// Bytes received while the window was held.
    final var heldBytes = 0
    /// Whether the stream's window has grown for a large message.
    final var hasLargeWindow = false
    /// How often it was sent again because no application can have seen it.
    final var transparentRetries = 0
    /// How often it was made anew after a wait.
    final var retries = 0
    /// How many attempts before the one under way an application may know of.
    final var seenAttempts = 0
    /// The server has refused the attempt under way: no application has seen it.
    final var isRefused = false
    /// Set where an attempt has failed and another one is to follow so many nanoseconds after its stream is closed.
    final var retryDelay: UInt64?
    /// When it is made anew; while it is delayed.
    final var retryAt = Deadline.never

    final var listNext: Unmanaged<ClientCall>?
    final var listPrevious: Unmanaged<ClientCall>?
    /// Length of the message when the call came into its list.
    final var listedBytes = 0
    /// Length of the message that is on its way, as the channel has counted it.
    final var incomingBytes = 0
    final var deadlineIndex = DeadlineHeap.absent

    /// A call that has not been started.
    ///
    /// `message` is the request behind the five bytes of ``MessageFraming/reservePrefix(_:)``. The answer's initial
    /// metadata is dropped unless `keepsInitialMetadata`.
    package init(
        method: PreparedMethod,
        message: consuming ByteBuffer,
        metadata: Metadata = Metadata(),
        deadline: Deadline = .never,
        keepsInitialMetadata: Bool = false
    ) {
        self.method = method
        self.message = message
        self.metadata = metadata
        self.deadline = deadline
        response = ResponseStateMachine(
            isServerStreaming: method.descriptor.isServerStreaming,
            maxMessageBytes: method.maxMessageBytes,
            maxHeaderListBytes: method.maxHeaderListBytes,
            keepsInitialMetadata: keepsInitialMetadata
        )
    }

    /// A whole message has come; `message` is valid for the length of the call.
    ///
    /// Of a unary method at most one comes, and the call may still end with an error after it.
    open func didReceive(message: UnsafeRawBufferPointer) {}

    /// The call has ended, see ``outcome``; comes exactly once for each call that was started.
    open func didClose() {}

    /// Hands a message out.
    final func deliver(_ message: UnsafeRawBufferPointer) {
        // An answer that has begun is never asked for again, and a stream may last.
        if method.descriptor.isServerStreaming, isRequestSent, !self.message.isEmpty { self.message = ByteBuffer() }
        didReceive(message: message)
    }

    /// Whether it waits for a connection, or for a free stream on one.
    package final var isQueued: Bool { stage == .waiting }

    /// Gives the call up: unless it has ended already, it ends with CANCELLED and its stream is reset.
    package final func cancel() {
        channel?.cancel(self)
    }

    /// Stops giving received bytes back to the server's window of this stream, until ``releaseWindow()``.
    ///
    /// The server may still send what is left of the window (``GRPCChannel/Configuration/streamWindow``) and then has
    /// to wait, in the middle of a message perhaps; all of that is still handed out. The window of the connection stays
    /// open. Called from within ``didReceive(message:)``, it covers the bytes that message came with. Nothing on a call that has
    /// ended; once is as good as twice.
    package final func holdWindow() {
        guard stage != .ended else { return }
        isWindowHeld = true
    }

    /// Gives back what was held and from now on everything at once; in or out of hooks, and harmless at any time.
    package final func releaseWindow() {
        isWindowHeld = false
        let bytes = heldBytes
        heldBytes = 0
        guard bytes > 0, stage == .streaming, let connection else { return }
        if !connection.consume(bytes, of: self) { cancel() }
    }

    /// Custom metadata of the answer's headers, if it was asked for and has come.
    package final var initialMetadata: Metadata { response.initialMetadata }

    /// Forgets the stream it had, so that it can be sent once more.
    final func rewind() {
        sentBytes = 0
        areHeadersSent = false
        isRequestSent = false
        wasResetByPeer = false
        isRefused = false
        streamID = 0
        heldBytes = 0
        hasLargeWindow = false
    }
}
