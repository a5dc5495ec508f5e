internal import CNGHTTP2
import Glibc

/// The server's end of one HTTP/2 connection on a non-blocking socket: an nghttp2 session and its bytes.
///
/// Subclasses override what they want to know; nothing here decides anything. Confined to one thread. Owns the socket
/// and the session (lifetime rule a): ``close(abruptly:)`` frees both and may be called again.
class HTTP2ServerConnection {
    /// How nghttp2 should behave towards the client.
    struct Options {
        /// Sends WINDOW_UPDATE as data arrives.
        var grantsWindow = true
        /// Answers PINGs.
        var answersPings = true
        /// Bytes of padding in each HEADERS and DATA frame.
        var padding = 0
    }

    /// Serialized frames may wait up to this many bytes before nghttp2 is asked for no more.
    private static let outputLimit = 1 << 20

    let descriptor: Int32
    /// Bytes of padding in each HEADERS and DATA frame.
    final let padding: Int
    private(set) var isClosed = false
    private var storedSession: OpaquePointer?
    var output = OutputQueue()

    /// Takes over `descriptor`, also where it throws.
    init(descriptor: Int32, options: Options) throws(SystemError) {
        self.descriptor = descriptor
        padding = options.padding
        storedSession = ServerCallbacks.makeSession(for: Unmanaged.passUnretained(self).toOpaque(), options: options)
        if storedSession == nil {
            Glibc.close(descriptor)
            isClosed = true
            throw SystemError("nghttp2_session_server_new2", code: ENOMEM)
        }
    }

    deinit {
        close(abruptly: false)
    }

    /// The session, nil once closed.
    ///
    /// nghttp2 takes a nil session for a bug, so every use unwraps it.
    final var session: OpaquePointer? { storedSession }

    /// Frees session and socket; with `abruptly` the peer sees a TCP reset.
    ///
    /// Not to be called from one of nghttp2's callbacks, whose session it frees.
    func close(abruptly: Bool) {
        guard !isClosed else { return }
        isClosed = true
        nghttp2_session_del(storedSession)
        storedSession = nil
        if abruptly { Sockets.abort(descriptor) } else { Sockets.closeInOrder(descriptor) }
    }

    /// Reads once into `scratch` and lets nghttp2 look at it; false once the connection is of no more use.
    final func receive(into scratch: UnsafeMutableRawBufferPointer) -> Bool {
        let count = recv(descriptor, scratch.baseAddress, scratch.count, 0)
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        guard count > 0, let session else { return false }
        let consumed = nghttp2_session_mem_recv(session, scratch.baseAddress, count)
        if consumed < 0 {
            receivedViolation(String(cString: nghttp2_strerror(Int32(consumed))))
            return false
        }
        return true
    }

    /// Moves nghttp2's pending frames to the output; true if it has nothing left to say for now.
    final func serialize() -> Bool {
        guard let session else { return true }
        while output.count < HTTP2ServerConnection.outputLimit {
            var frame: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(session, &frame)
            if count < 0 {
                receivedViolation(String(cString: nghttp2_strerror(Int32(count))))
                return true
            }
            if count == 0 { return true }
            let bytes = UnsafeRawBufferPointer(start: frame, count: count)
            if shouldSend(frame: bytes) { output.append(copying: bytes) }
        }
        return false
    }

    /// Whether nghttp2 expects no more traffic in either direction: it has ended the connection.
    final var isFinished: Bool {
        guard let session else { return true }
        return nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
    }

    // MARK: What a subclass may want to know. None of these may call `close`.

    /// A HEADERS frame has begun: a request's, or its trailers.
    func beganHeaders(stream: Int32) {}
    func receivedHeader(stream: Int32, name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {}
    func receivedData(stream: Int32, _ bytes: UnsafeRawBufferPointer) {}
    /// A whole frame has arrived, headers and data included.
    func received(frame: UnsafePointer<nghttp2_frame>) {}
    func closedStream(_ stream: Int32, code: UInt32) {}
    /// The client broke the protocol, as nghttp2 puts it.
    func receivedViolation(_ what: String) {}
    /// Frame header and payload, or a part of it, are about to be queued; false drops them.
    func shouldSend(frame: UnsafeRawBufferPointer) -> Bool { true }
    /// Fills `buffer` with DATA for `stream`; returns nghttp2's result for a data source.
    func readData(
        stream: Int32,
        into buffer: UnsafeMutableRawBufferPointer,
        flags: UnsafeMutablePointer<UInt32>
    ) -> Int { Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
    /// Queues a DATA frame whose source said `NGHTTP2_DATA_FLAG_NO_COPY`: `header`, then `count` bytes.
    func sendData(stream: Int32, header: UnsafeRawBufferPointer, count: Int) {}
}
