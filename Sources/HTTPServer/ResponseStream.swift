/// An answer's body that is sent piece by piece, chunked for HTTP/1.1, ended by the end of the connection for HTTP/1.0.
///
/// What is written in one turn of the loop leaves together, in that turn. ``write(_:)`` takes whatever it is given, so
/// whoever writes has to stop above ``highWater`` and may go on when ``onDrain`` is called. Once the client is gone,
/// which ``Exchange/onHangUp`` tells, everything is dropped silently; so it is for a client that asked for no body
/// (HEAD). Dropped without an end, a stream is aborted, so that no client waits for ever.
package final class ResponseStream {
    /// Pending bytes at which ``onDrain`` is called when they fall to it.
    package static let lowWater = 64 * 1024
    /// Pending bytes from which on a writer should wait for ``onDrain``.
    package static let highWater = 256 * 1024

    let body: StreamedBody

    init(_ body: StreamedBody) {
        self.body = body
    }

    deinit {
        body.end(.cutOff)
    }

    /// Bytes written that libmicrohttpd has not taken yet.
    package var pendingByteCount: Int { body.pendingByteCount }

    /// Called on the loop's thread each time the pending bytes fall from above ``lowWater`` to at or below it.
    ///
    /// Never from within a call of this object, and with no function of libmicrohttpd on the stack: it may do anything.
    /// It is forgotten when the stream ends or the client is gone, so it may hold what holds the stream.
    package var onDrain: (() -> Void)? {
        get { body.onDrain }
        set { body.setOnDrain(newValue) }
    }

    /// Appends to the body; the bytes are copied.
    package func write(_ bytes: UnsafeRawBufferPointer) {
        body.append(bytes)
    }

    /// Ends the body properly, behind what has been written.
    package func finish() {
        body.end(.finished)
    }

    /// Ends the connection behind what has been written, without the last chunk: the client sees a cut-off answer.
    ///
    /// A client of HTTP/1.0, for which a body ends with its connection, sees a TCP reset; over a unix socket it cannot tell
    /// this from ``finish()``.
    package func abort() {
        body.end(.cutOff)
    }
}
