import EventLoop
import GatewayTesting
import Glibc
import Testing

@testable import HTTPServer

/// Clients that read slowly or not at all.
@Suite
struct StreamBackpressureTests {
    static let total = 100 << 20
    /// No power of two, so that a byte that is lost or doubled shifts the pattern.
    static let piece = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    private struct Progress: Sendable {
        var written = 0
        var mostPending = 0
        var mostAllocated = 0
    }

    /// Whether `chunk` is what pieces in a row hold at `offset`; a chunk is shorter than a piece.
    private static func isPiece(_ chunk: [UInt8], at offset: Int) -> Bool {
        let start = offset % piece.count
        let first = min(chunk.count, piece.count - start)
        return chunk.withUnsafeBytes { chunk in
            piece.withUnsafeBytes { piece in
                guard let received = chunk.baseAddress, let expected = piece.baseAddress else { return false }
                return memcmp(received, expected + start, first) == 0
                    && memcmp(received + first, expected, chunk.count - first) == 0
            }
        }
    }

    @Test
    func aClientThatReadsNothingStopsTheWriter() throws {
        let progress = Monitor(Progress())
        let server = try RunningServer { exchange, writer, thread in
            if exchange.summary.hasPrefix("GET /other") { return writer.send(text: "other") }
            let stream = thread.open(writer)
            stream.pour(Self.piece, total: Self.total) { [unowned stream] written, pending in
                let allocated = stream.body.bufferCapacity
                progress.update { progress in
                    progress.written = written
                    progress.mostPending = max(pending, progress.mostPending)
                    progress.mostAllocated = max(allocated, progress.mostAllocated)
                }
            }
        }
        let client = try server.client()
        try client.sendRequest("GET", "/")
        #expect(progress.wait(for: .seconds(10)) { $0.written > 0 })
        // Stopped when nothing has been written during a hundred other requests.
        let other = try server.client()
        var before = -1
        var rounds = 0
        while before != progress.read({ $0.written }), rounds < 100 {
            before = progress.read { $0.written }
            rounds += 1
            for _ in 0..<100 { #expect(try other.get("/other").text == "other") }
        }
        #expect(rounds < 100)
        // The rest is the kernel's, in both sockets.
        #expect(before < 32 << 20)

        let head = try client.readHead()
        #expect(head.status == 200)
        var received = 0
        var isRight = true
        while let chunk = try client.readChunk() {
            isRight = isRight && Self.isPiece(chunk, at: received)
            received += chunk.count
        }
        #expect(received == Self.total)
        #expect(isRight)
        #expect(progress.read { $0.written } == Self.total)
        #expect(progress.read { $0.mostPending } < ResponseStream.highWater + Self.piece.count)
        #expect(progress.read { $0.mostAllocated } <= 4 * ResponseStream.highWater)
        #expect(server.ask { $0.exchangesInProgress } == 0)
    }

    /// libmicrohttpd gives the client up, whose socket has been full for too long.
    @Test
    func aClientThatReadsNothingForTooLongIsGone() throws {
        let server = try RunningServer { configuration in
            configuration.idleTimeout = 1000
        } handler: { exchange, writer, thread in
            exchange.onHangUp = { thread.note("hung up") }
            thread.open(writer).pour(Self.piece, total: Self.total)
        }
        let client = try server.client()
        try client.sendRequest("GET", "/")
        #expect(server.waitForNote("hung up"))
        let left = server.ask { thread in
            thread.streams[0].write(text: "dropped")
            return thread.streams[0].pendingByteCount
        }
        #expect(left == 0)
        #expect(server.ask { $0.exchangesInProgress } == 0)
        server.order { thread in
            thread.streams[0].finish()
            thread.note("finished")
        }
        #expect(server.waitForNote("finished"))
        #expect(server.notes == ["hung up", "finished"])
    }

    @Test(arguments: ["write", "finish", "abort"])
    func theDrainHookMayDoAnything(action: String) throws {
        let large = [UInt8](repeating: 0x61, count: 200_000)
        let server = try RunningServer { _, writer, thread in
            let stream = thread.open(writer)
            var drains = 0
            stream.onDrain = { [unowned stream] in
                drains += 1
                thread.note("drain \(drains): \(stream.pendingByteCount <= ResponseStream.lowWater)")
                switch action {
                case "write" where drains < 3: large.withUnsafeBytes { stream.write($0) }
                case "abort": stream.abort()
                default: stream.finish()
                }
            }
            large.withUnsafeBytes { stream.write($0) }
            // Below the mark, and so never falling to it.
            thread.note("pending \(stream.pendingByteCount)")
        }
        let client = try server.client()
        try client.sendRequest("GET", "/")
        _ = try client.readHead()
        var received = 0
        let drains = action == "write" ? 3 : 1
        let read = {
            while let chunk = try client.readChunk() { received += chunk.count }
        }
        if action == "abort" {
            #expect(throws: RawHTTPError.closed(received: ""), performing: read)
        } else {
            try read()
        }
        #expect(received == drains * large.count)
        #expect(server.notes == ["pending 200000"] + (1...drains).map { "drain \($0): true" })
    }

    @Test
    func aLittleIsNoReasonToTellOfADrain() throws {
        let server = try RunningServer { _, writer, thread in
            let stream = thread.open(writer)
            stream.onDrain = { thread.note("drain") }
            [UInt8](repeating: 0x61, count: ResponseStream.lowWater).withUnsafeBytes { stream.write($0) }
        }
        let client = try server.client()
        try client.sendRequest("GET", "/")
        _ = try client.readHead()
        var received = 0
        while received < ResponseStream.lowWater, let chunk = try client.readChunk() { received += chunk.count }
        server.order { $0.streams[0].finish() }
        #expect(try client.readChunk() == nil)
        #expect(server.notes.isEmpty)
    }
}
