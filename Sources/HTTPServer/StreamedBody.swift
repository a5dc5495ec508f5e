internal import Bytes
internal import CMicroHTTPD

/// The bytes between a ``ResponseStream`` and libmicrohttpd, which fetches them when it can send.
///
/// The stream holds it to write, libmicrohttpd to read (rule (b)), its exchange to know whether it has ended. Whichever
/// is gone first, the others find a body that drops what it is given.
final class StreamedBody {
    enum Ending {
        /// With the last chunk.
        case finished
        /// Without it.
        case cutOff
    }

    private enum Phase {
        case open
        /// What is pending is still to be sent.
        case ended(Ending)
        /// Nobody reads any more.
        case gone
    }

    /// Bytes that libmicrohttpd fetches at once for HTTP/1.0; chunks are made in the connection's own memory.
    private static let blockSize = 8 * 1024

    // Gone until it belongs to an exchange.
    private var phase = Phase.gone
    /// A cycle that ``detach()`` breaks.
    private var exchange: Exchange?
    /// What was written; the first ``taken`` bytes are libmicrohttpd's already.
    private var pending = ByteBuffer()
    private var taken = 0
    private(set) var onDrain: (() -> Void)?
    private var isDrainDue = false

    init() {}

    /// A response that reads from here, nil without memory.
    func makeResponse() -> OpaquePointer? {
        // Rule (b): libmicrohttpd owns the body until it releases it with the response.
        let context = Unmanaged.passRetained(self)
        let response = gateway_mhd_streamed_response(
            StreamedBody.blockSize,
            HTTPServer.contentReader,
            context.toOpaque(),
            HTTPServer.contentReleased
        )
        if response == nil { context.release() }
        return response
    }

    // MARK: - The stream's side

    var pendingByteCount: Int { pending.count - taken }

    /// Bytes allocated for what is pending.
    var bufferCapacity: Int { pending.capacity }

    func setOnDrain(_ hook: (() -> Void)?) {
        guard case .open = phase else { return }
        onDrain = hook
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
        guard case .open = phase, bytes.count > 0 else { return }
        pending.append(contentsOf: bytes)
        exchange?.resume()
    }

    /// The first ending counts.
    func end(_ ending: Ending) {
        exchange?.bodyHasEnded()
        guard case .open = phase else { return }
        phase = .ended(ending)
        onDrain = nil
        exchange?.resume()
    }

    // MARK: - The exchange's side

    func attach(to exchange: Exchange) {
        self.exchange = exchange
        phase = .open
    }

    /// The client has hung up while libmicrohttpd was waiting, which now has to end the connection.
    func clientIsGone() {
        drop()
        exchange?.resume()
    }

    /// libmicrohttpd has let go of the connection.
    func connectionHasEnded() {
        if case .open = phase { return drop() }
        drop()
        exchange?.bodyHasEnded()
    }

    /// Nobody is left to tell.
    func detach() {
        exchange = nil
    }

    private func drop() {
        phase = .gone
        pending = ByteBuffer()
        taken = 0
        onDrain = nil
    }

    // MARK: - libmicrohttpd's side

    /// Moves what fits to `room`; waits where there is nothing.
    ///
    /// - Returns: how many bytes it were, 0 after the connection was suspended, or one of libmicrohttpd's endings.
    func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        exchange?.server.silentRuns = 0
        let before = pendingByteCount
        guard before > 0 else { return readNothing() }
        let count = min(room.count, before)
        room.copyMemory(from: UnsafeRawBufferPointer(rebasing: pending.bytes[taken..<taken + count]))
        taken += count
        compact()
        exchange?.hasFetched(count)
        if before > ResponseStream.lowWater, pendingByteCount <= ResponseStream.lowWater { drainSoon() }
        return count
    }

    private func readNothing() -> Int {
        switch phase {
        case .open:
            guard let exchange, exchange.waitForBody() else { return cutOff() }
            return 0
        case .ended(.finished):
            return gateway_mhd_end_of_stream
        case .ended(.cutOff), .gone:
            return cutOff()
        }
    }

    private func cutOff() -> Int {
        exchange?.resetIfUnchunked()
        return gateway_mhd_end_with_error
    }

    /// Keeps the buffer below twice of what is pending, moving each byte at most once on average.
    private func compact() {
        let rest = pending.count - taken
        if rest == 0 {
            // A stream that waits should not keep the memory of its busiest moment.
            if pending.capacity > ResponseStream.lowWater { pending = ByteBuffer() } else { pending.truncate(to: 0) }
            taken = 0
        } else if taken >= rest {
            pending.move(taken..<pending.count, to: 0)
            pending.truncate(to: rest)
            taken = 0
        }
    }

    private func drainSoon() {
        guard case .open = phase, !isDrainDue, onDrain != nil else { return }
        isDrainDue = true
        exchange?.server.callSoon { [self] in
            isDrainDue = false
            // Another hook may have filled it again; then it will fall again.
            guard pendingByteCount <= ResponseStream.lowWater else { return }
            onDrain?()
        }
    }
}
