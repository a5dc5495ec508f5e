import RPCCore
import Testing

@testable import Gateway

@Suite
struct ExposedMetadataTests {
    private func lines(_ names: [String], _ entries: [(String, String)], room: Int = 1024) throws -> [String] {
        var metadata = Metadata()
        for (name, value) in entries { metadata.append(name, value) }
        var lines: [String] = []
        var left = room
        try ExposedMetadata(names: names).forEach(in: metadata, room: &left) { lines.append("\($0): \($1)") }
        #expect(left == room - lines.reduce(0) { $0 + $1.utf8.count + 2 })
        return lines
    }

    @Test
    func whatIsNamedComesBackInOrder() throws {
        let entries = [("x-b", "1"), ("x-a", "2"), ("x-c", "3"), ("x-b", "4")]
        #expect(try lines(["X-A", "x-b", "x-b"], entries) == ["x-b: 1", "x-a: 2", "x-b: 4"])
        #expect(try lines([], entries).isEmpty)
    }

    @Test
    func bytesArePaddedBase64() throws {
        let entries = [("k-bin", "Zg"), ("k-bin", "Zm8=, Zm9v"), ("k-bin", "!"), ("k-bin", "")]
        #expect(try lines(["k-bin"], entries) == ["k-bin: Zg==", "k-bin: Zm8=", "k-bin: Zm9v"])
    }

    @Test(arguments: ["", "a\nb", "\u{7F}", "é", "a\tb", "\0"])
    func whatIsNoValueIsLeftOut(value: String) throws {
        #expect(try lines(["x"], [("x", value), ("x", "ok")]) == ["x: ok"])
    }

    @Test(arguments: [[0xC3], [0xFF], [0x61, 0x00]])
    func bytesThatAreNoTextAreLeftOut(value: [UInt8]) throws {
        var metadata = Metadata()
        value.withUnsafeBytes { metadata.append("x", bytes: $0) }
        var room = 1024
        var lines: [String] = []
        try ExposedMetadata(names: ["x"]).forEach(in: metadata, room: &room) { lines.append("\($0): \($1)") }
        #expect(lines.isEmpty && room == 1024)
    }

    @Test
    func thereIsAnEnd() throws {
        let long = String(repeating: "v", count: 60)
        #expect(try lines(["x"], [("x", "1"), ("x", long), ("x", "2")], room: 20) == ["x: 1", "x: 2"])
    }

    @Test(arguments: [
        "", "a b", "X:Y", "é", "Content-Length", "transfer-encoding", "connection", "grpc-status", "x-request-id",
        "date",
    ])
    func refusedNames(name: String) {
        #expect(throws: GatewayError.self) { try ExposedMetadata(names: ["ok", name]) }
    }
}
