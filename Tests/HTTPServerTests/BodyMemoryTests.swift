import Bytes
import EventLoop
import GatewayTesting
import Glibc
import Testing

@testable import HTTPServer

/// What large answers have left is used again, and goes back once nobody wants it.
@Suite
struct BodyMemoryTests {
    /// Answers `/SIZE` with so many bytes.
    private static func start() throws -> RunningServer {
        try RunningServer { exchange, writer, _ in
            let size = Int(String(decoding: exchange.target.dropFirst(), as: UTF8.self)) ?? 0
            var body = exchange.makeBody(capacity: size)
            body.appendUnsafe(size) { bytes in
                bytes.update(repeating: UInt8(truncatingIfNeeded: size), count: size)
                return size
            }
            writer.send(status: 200, body: body) { _ in }
        }
    }

    private static func kept(_ server: RunningServer) -> Int? {
        server.ask { $0.keptBodyBytes }
    }

    @Test
    func oneBlockServesAnswerAfterAnswer() async throws {
        let server = try BodyMemoryTests.start()
        server.order { $0.keepBodies(forMilliseconds: 600_000) }
        let client = try server.client()
        for size in [300_000, 299_000, 300_000, 270_000] {
            let answer = try client.get("/\(size)")
            #expect(answer.body.count == size)
            #expect(answer.body.allSatisfy { $0 == UInt8(truncatingIfNeeded: size) })
            try await eventually("it is there again") { BodyMemoryTests.kept(server) == 300_000 }
        }
    }

    @Test
    func whatNobodyWantsGoesBack() async throws {
        let server = try BodyMemoryTests.start()
        server.order { $0.keepBodies(forMilliseconds: 200) }
        let client = try server.client()
        #expect(try client.get("/300000").body.count == 300_000)
        try await eventually("it has gone back", within: .seconds(10)) { BodyMemoryTests.kept(server) == 0 }
        #expect(try client.get("/300000").body.count == 300_000)
    }

    /// What was not made for it by the server would only be kept in addition.
    @Test
    func otherMemoryIsNotKept() async throws {
        let server = try RunningServer { _, writer, _ in
            writer.send(text: String(repeating: "a", count: 1 << 20))
        }
        let client = try server.client()
        for _ in 0..<2 { #expect(try client.get("/").body.count == 1 << 20) }
        #expect(BodyMemoryTests.kept(server) == 0)
    }

    @Test(arguments: [BodyMemory.sizes.lowerBound - 1, BodyMemory.sizes.upperBound + 1])
    func otherSizesAreNotKept(size: Int) async throws {
        let server = try BodyMemoryTests.start()
        let client = try server.client()
        #expect(try client.get("/\(size)").body.count == size)
        // The answer before is over by then.
        #expect(try client.get("/10").body.count == 10)
        #expect(BodyMemoryTests.kept(server) == 0)
    }

    /// The client is gone before it has read the answer, which is too large for the sockets' buffers.
    @Test
    func aBlockIsNotLostWithItsClient() async throws {
        let server = try BodyMemoryTests.start()
        server.order { $0.keepBodies(forMilliseconds: 600_000) }
        let client = try server.client()
        try client.sendRequest("GET", "/8000000")
        try await eventually("it is being sent") { server.ask { $0.exchangesInProgress } == 1 }
        client.close()
        try await eventually("it is there again") { BodyMemoryTests.kept(server) == 8_000_000 }
    }

    /// On the loop itself: who takes what, and how much stays.
    @Test
    func whatIsKeptIsBounded() throws {
        let loop = try EventLoop()
        let memory = BodyMemory(on: loop)
        let size = BodyMemory.sizes.upperBound
        func give(_ count: Int) {
            for _ in 0..<count { memory.keep(UnsafeMutableRawBufferPointer(start: malloc(size), count: size)) }
        }
        give(BodyMemory.maximumKept / size + 3)
        #expect(memory.keptBytes == BodyMemory.maximumKept)
        // Far smaller ones get memory of their own.
        #expect(memory.makeBuffer(capacity: size / 5).capacity == size / 5)
        #expect(memory.keptBytes == BodyMemory.maximumKept)
        #expect(memory.makeBuffer(capacity: size / 4).capacity == size)
        #expect(memory.makeBuffer(capacity: size + 1).capacity == size + 1)
        #expect(memory.keptBytes == BodyMemory.maximumKept - size)
        memory.close()
        #expect(memory.keptBytes == 0)
        give(1)
        #expect(memory.keptBytes == 0)
        loop.close()
    }
}
