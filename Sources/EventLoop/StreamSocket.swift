internal import Bytes
internal import CLibUV
internal import Glibc

/// A byte stream, TCP or unix-domain, to a server.
///
/// Events arrive on the loop's thread, never from within a call of the owner, and none after ``Event/closed(_:)``
/// or after ``close()``.
package final class StreamSocket {
    package enum Event {
        case connected
        /// Bytes from the peer, valid for the length of the call.
        case received(UnsafeRawBufferPointer)
        /// All that was written has been handed to the kernel, after some of it had to wait.
        case drained
        /// The connection failed or the peer ended it (``UVError/endOfFile``); the socket has closed itself.
        case closed(UVError)
    }

    private let loop: EventLoop
    /// A `uv_tcp_t` or `uv_pipe_t`, seen as the stream that both begin with.
    private let stream: UnsafeMutablePointer<uv_stream_t>
    private let writeRequest = HandleMemory.allocate(uv_write_t.self)
    private var onEvent: ((Event) -> Void)?
    private var isConnected = false
    private var isClosed = false
    /// What libuv is writing now; it stays put until the write's callback.
    private var inFlight = ByteBuffer()
    /// What was written meanwhile.
    private var queued = ByteBuffer()
    private var isWriting = false

    /// Starts connecting to `address`.
    package init(connectingTo address: SocketAddress, on loop: EventLoop, _ onEvent: @escaping (Event) -> Void) {
        self.loop = loop
        self.onEvent = onEvent
        let connect = HandleMemory.allocate(uv_connect_t.self)
        let started: Int32
        switch address.kind {
        case .internet:
            let tcp = HandleMemory.allocate(uv_tcp_t.self)
            stream = UnsafeMutableRawPointer(tcp).assumingMemoryBound(to: uv_stream_t.self)
            uv_tcp_init(loop.raw, tcp)
            HandleMemory.attach(self, to: stream)
            uv_tcp_nodelay(tcp, 1)
            started = address.withSockAddr { raw, _ in uv_tcp_connect(connect, tcp, raw, StreamSocket.connected) }
        case .unix(let path):
            let pipe = HandleMemory.allocate(uv_pipe_t.self)
            stream = UnsafeMutableRawPointer(pipe).assumingMemoryBound(to: uv_stream_t.self)
            uv_pipe_init(loop.raw, pipe, 0)
            HandleMemory.attach(self, to: stream)
            uv_pipe_connect(connect, pipe, path, StreamSocket.connected)
            started = 0
        }
        if started != 0 {
            UnsafeMutableRawPointer(connect).deallocate()
            failSoon(UVError("connect", started))
        }
    }

    deinit {
        UnsafeMutableRawPointer(writeRequest).deallocate()
    }

    /// Bytes written that the kernel has not taken yet.
    package var pendingByteCount: Int { inFlight.count + queued.count }

    /// Writes all of `bytes`, now as far as the kernel takes them and the rest when it can.
    ///
    /// Only after ``Event/connected``; a failure is reported as ``Event/closed(_:)``.
    package func write(_ bytes: UnsafeRawBufferPointer) {
        guard isConnected, !isClosed, bytes.count > 0 else { return }
        guard !isWriting else { return queued.append(contentsOf: bytes) }
        var buffer = StreamSocket.uvBuffer(bytes)
        let result = uv_try_write(stream, &buffer, 1)
        guard result >= 0 || result == Int32(UV_EAGAIN.rawValue) else { return failSoon(UVError("write", result)) }
        let taken = max(0, Int(result))
        guard taken < bytes.count else { return }
        inFlight.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[taken...]))
        startWriting()
    }

    /// Stops delivering ``Event/received(_:)`` until ``resumeReading()``; the kernel then slows the peer down.
    package func pauseReading() {
        guard isConnected, !isClosed else { return }
        uv_read_stop(stream)
    }

    package func resumeReading() {
        guard isConnected, !isClosed else { return }
        uv_read_start(stream, StreamSocket.allocate, StreamSocket.received)
    }

    /// Ends the connection without an event; idempotent.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        onEvent = nil
        HandleMemory.close(stream)
    }

    private func startWriting() {
        isWriting = true
        var buffer = StreamSocket.uvBuffer(inFlight.bytes)
        let result = uv_write(writeRequest, stream, &buffer, 1) { request, status in
            guard let request, let stream = request.pointee.handle else { return }
            HandleMemory.owner(of: stream, as: StreamSocket.self)?.didWrite(status)
        }
        if result != 0 { failSoon(UVError("write", result)) }
    }

    private func didWrite(_ status: Int32) {
        isWriting = false
        guard !isClosed else { return }
        guard status == 0 else { return fail(UVError("write", status)) }
        inFlight.truncate(to: 0)
        guard queued.isEmpty else {
            swap(&inFlight, &queued)
            return startWriting()
        }
        onEvent?(.drained)
    }

    private func fail(_ error: UVError) {
        guard !isClosed else { return }
        let report = onEvent
        close()
        report?(.closed(error))
    }

    private func failSoon(_ error: UVError) {
        LoopTimer.callSoon(on: loop) { self.fail(error) }
    }

    private static func uvBuffer(_ bytes: UnsafeRawBufferPointer) -> uv_buf_t {
        // libuv only reads through the pointer when writing.
        let base = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
        return uv_buf_t(base: base?.assumingMemoryBound(to: CChar.self), len: bytes.count)
    }

    private static let connected: uv_connect_cb = { request, status in
        guard let request else { return }
        let stream = request.pointee.handle
        UnsafeMutableRawPointer(request).deallocate()
        guard let socket = HandleMemory.owner(of: stream, as: StreamSocket.self), !socket.isClosed else { return }
        guard status == 0 else { return socket.fail(UVError("connect", status)) }
        socket.isConnected = true
        socket.resumeReading()
        socket.onEvent?(.connected)
    }

    private static let allocate: uv_alloc_cb = { handle, _, buffer in
        guard let socket = HandleMemory.owner(of: handle, as: StreamSocket.self) else { return }
        let memory = socket.loop.readBuffer
        buffer?.pointee = uv_buf_t(
            base: memory.baseAddress?.assumingMemoryBound(to: CChar.self),
            len: memory.count
        )
    }

    private static let received: uv_read_cb = { stream, count, _ in
        guard let socket = HandleMemory.owner(of: stream, as: StreamSocket.self) else { return }
        if count > 0 {
            socket.loop.receivedCount &+= 1
            socket.onEvent?(.received(UnsafeRawBufferPointer(rebasing: socket.loop.readBuffer[..<count])))
        } else if count < 0 {
            socket.fail(UVError("read", Int32(count)))
        }
    }
}
