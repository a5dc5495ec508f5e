internal import Bytes
internal import CNGHTTP2
internal import EventLoop
internal import RPCCore

/// The way of bytes: from the socket into nghttp2's session, and its frames back to the socket.
extension HTTP2Connection {
    /// Bytes that may wait for the kernel before no more frames are made.
    private static let highWater = 256 * 1024

    func receive(_ bytes: UnsafeRawBufferPointer) {
        parse(bytes)
        settle()
    }

    /// Lets nghttp2 look at bytes of HTTP/2; ``settle()`` has to follow.
    func parse(_ bytes: UnsafeRawBufferPointer) {
        guard let session else { return }
        channel.statistics.receivedBytes &+= UInt64(bytes.count)
        keepalive?.heard()
        nesting += 1
        let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
        let result = nghttp2_session_mem_recv(session, start, bytes.count)
        nesting -= 1
        guard !isClosed else { return freeSession() }
        guard result >= 0 else { return closeFailed(Int32(clamping: result)) }
    }

    /// Makes frames of all that is pending and writes them, as far as the socket takes them.
    func flush() {
        guard session != nil, nesting == 0, !isClosed else { return }
        if isBlocked, !isSocketFull {
            // Waiting calls first: an upload that fills the socket again and again would keep them out for good.
            isBlocked = false
            wantsWaitingCalls = true
            settle()
        }
        writeFrames()
        guard wantsWaitingCalls, !isClosed else { return }
        settle()
        writeFrames()
    }

    private var isSocketFull: Bool { (socket?.pendingByteCount ?? 0) >= HTTP2Connection.highWater }

    private func writeFrames() {
        guard let session, let socket else { return }
        var isDone = false
        var failure: Int32 = 0
        while !isDone, !isSocketFull {
            nesting += 1
            while output.count < HTTP2Connection.highWater {
                var frames: UnsafePointer<UInt8>?
                let count = nghttp2_session_mem_send(session, &frames)
                guard count > 0 else {
                    isDone = true
                    failure = Int32(clamping: count)
                    break
                }
                output.append(contentsOf: UnsafeRawBufferPointer(start: frames, count: count))
            }
            nesting -= 1
            guard !isClosed else { return freeSession() }
            guard failure == 0 else { return closeFailed(failure) }
            guard !output.isEmpty else { break }
            channel.statistics.sentBytes &+= UInt64(output.count)
            if let tls {
                guard tls.seal(output.bytes) else { return close("TLS has ended", origin: .network) }
                writeSealed(tls)
            } else {
                socket.write(output.bytes)
            }
            output.truncate(to: 0)
            isPrefaceSent = true
        }
        isBlocked = isSocketFull
        closeIfOver()
    }

    /// What has to follow on any progress, once nghttp2 is off the stack.
    func settle() {
        guard !isClosed else { return }
        sendRefusedAgain()
        closeIfOver()
        if let health, health.waitsForStream { health.streamMayBeFree() }
        if wantsWaitingCalls {
            wantsWaitingCalls = false
            channel.startWaitingCalls()
        }
    }

    /// Closes a session that has come to its end: drained, or ended by nghttp2 over a breach of the protocol.
    func closeIfOver() {
        guard let session, !isClosed else { return }
        let isOver = nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
        guard isOver || (isDraining && !hasCalls) else { return }
        if let breach {
            close("the upstream broke HTTP/2: \(breach)", origin: .malformedAnswer)
        } else {
            close("the upstream closed the connection", origin: .network)
        }
    }

    /// nghttp2 cannot go on: it has no memory, or the server sends what only makes work, like CONTINUATION without end.
    private func closeFailed(_ code: Int32) {
        guard code != NGHTTP2_ERR_NOMEM.rawValue else { return close("out of memory", origin: .network) }
        close("the upstream broke HTTP/2: \(HTTP2Callbacks.describe(code))", origin: .malformedAnswer)
    }

    /// nghttp2 ends the connection; `reason` is its own text.
    func goAwaySent(_ code: HTTP2ErrorCode, reason: String) {
        breach = reason.isEmpty ? "\(code)" : "\(code) (\(reason))"
    }

    /// Takes a DATA frame into the write: its header, and the next `count` bytes right from the call's message, of which
    /// the call keeps account.
    ///
    /// - Returns: false where the message has not as many.
    func send(frameHeader: UnsafeRawBufferPointer, payloadOf call: ClientCall, count: Int) -> Bool {
        let end = call.sentBytes + count
        guard end <= call.message.count else { return false }
        output.append(contentsOf: frameHeader)
        output.append(contentsOf: UnsafeRawBufferPointer(rebasing: call.message.bytes[call.sentBytes..<end]))
        call.sentBytes = end
        if end == call.message.count { call.isRequestSent = true }
        return true
    }

    /// Tells the server that the connection ends in order, and not for its fault (RFC 9113, section 6.8).
    ///
    /// No frame of nghttp2's, which may be on the stack just now and would send calls that wait in it first; and best
    /// effort, since what the kernel does not take at once is lost with the socket. The server opens no streams here, so
    /// the last of them is 0.
    func sayGoodbye() {
        // A frame may have been cut in two where the socket was full.
        guard let socket, isPrefaceSent, breach == nil, !isBlocked, socket.pendingByteCount == 0 else { return }
        withUnsafeTemporaryAllocation(byteCount: 17, alignment: 1) { frame in
            frame.initializeMemory(as: UInt8.self, repeating: 0)
            // Eight bytes of payload: the last stream and NO_ERROR, all zeros.
            frame[2] = 8
            frame[3] = UInt8(NGHTTP2_GOAWAY.rawValue)
            let bytes = UnsafeRawBufferPointer(frame)
            guard let tls else { return socket.write(bytes) }
            // close_notify follows, and both are written together.
            _ = tls.seal(bytes)
        }
    }
}
