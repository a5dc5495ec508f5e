import Bytes
import Compression
import Testing

@Suite
struct GzipTests {
    private func encode(_ content: [UInt8], with encoder: GzipEncoder) throws -> [UInt8] {
        var output = ByteBuffer()
        let isDone = content.withUnsafeBytes { encoder.encode($0, into: &output) }
        try #require(isDone)
        return Array(output.bytes)
    }

    private func decode(_ content: [UInt8], limit: Int = 1 << 20, with decoder: GzipDecoder) throws -> [UInt8] {
        var output = ByteBuffer()
        try content.withUnsafeBytes {
            try decoder.decode($0, limit: limit, into: &output)
        }
        return Array(output.bytes)
    }

    /// Hardly compressible.
    private func noise(_ count: Int) -> [UInt8] {
        var state: UInt64 = 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    @Test
    func whatIsEncodedIsDecoded() throws {
        let encoder = try #require(GzipEncoder())
        let decoder = try #require(GzipDecoder())
        var contents = [[], [0], Array("{}".utf8), [UInt8](repeating: 0x20, count: 1 << 20)]
        for count in [1, 100, 4095, 4096, 4097, 65_536, 1_000_000] { contents.append(noise(count)) }
        for content in contents {
            let encoded = try encode(content, with: encoder)
            #expect(encoded.prefix(3) == [0x1F, 0x8B, 8])
            #expect(try decode(encoded, with: decoder) == content)
        }
        let text = Array(String(repeating: #"{"id":"65f0c0ff","status":"RUNNING"},"#, count: 100).utf8)
        #expect(try encode(text, with: encoder).count < text.count / 10)
        // The same each time, whatever came before.
        #expect(try encode(text, with: encoder) == encode(text, with: encoder))
    }

    @Test
    func appendsToWhatIsThere() throws {
        let encoder = try #require(GzipEncoder())
        let decoder = try #require(GzipDecoder())
        var output = ByteBuffer()
        output.append("head")
        let encoded = try encode(Array("tail".utf8), with: encoder)
        try encoded.withUnsafeBytes { try decoder.decode($0, limit: 4, into: &output) }
        let text = String(decoding: output.bytes, as: UTF8.self)
        #expect(text == "headtail")
    }

    @Test
    func theLimitIsForWhatComesOut() throws {
        let encoder = try #require(GzipEncoder())
        let decoder = try #require(GzipDecoder())
        let content = [UInt8](repeating: 0x20, count: 10_000)
        let encoded = try encode(content, with: encoder)
        #expect(try decode(encoded, limit: 10_000, with: decoder) == content)
        for limit in [9999, 4096, 4095, 1, 0] {
            #expect(throws: GzipError.tooLarge) { try decode(encoded, limit: limit, with: decoder) }
        }
        #expect(throws: GzipError.tooLarge) { try decode(encoded + encoded, limit: 19_999, with: decoder) }
        #expect(try decode(encoded + encoded, limit: 20_000, with: decoder).count == 20_000)
    }

    /// 64 MiB of zeros in 64 KiB, of which no more than the limit is ever made.
    @Test
    func aBombIsStoppedEarly() throws {
        let encoder = try #require(GzipEncoder())
        let decoder = try #require(GzipDecoder())
        let bomb = try encode([UInt8](repeating: 0, count: 64 << 20), with: encoder)
        #expect(bomb.count < 1 << 20)
        var output = ByteBuffer()
        var failure: GzipError?
        do {
            try bomb.withUnsafeBytes {
                try decoder.decode($0, limit: 1 << 20, into: &output)
            }
        } catch {
            failure = error as? GzipError
        }
        let (count, capacity) = (output.count, output.capacity)
        #expect(failure == .tooLarge)
        #expect(count == 1 << 20 + 1)
        #expect(capacity <= 4 << 20)
    }

    @Test
    func membersInARowAreOne() throws {
        let encoder = try #require(GzipEncoder())
        let decoder = try #require(GzipDecoder())
        let empty = try encode([], with: encoder)
        let parts = [[UInt8]("ab".utf8), [], Array("c".utf8)]
        let encoded = try parts.map { try encode($0, with: encoder) }.flatMap { $0 }
        #expect(try decode(encoded, with: decoder) == Array("abc".utf8))
        #expect(try decode(empty, limit: 0, with: decoder) == [])
    }

    /// Of each cut and each changed byte it either says so or, in fields that mean nothing, reads what was there.
    @Test
    func damageIsSeen() throws {
        let encoder = try #require(GzipEncoder())
        let decoder = try #require(GzipDecoder())
        let content = Array(#"{"id":"65f0c0ffee65f0c0ffee65f0","tags":["a","b","a","b"]}"#.utf8)
        let encoded = try encode(content, with: encoder)
        for count in 0..<encoded.count {
            #expect(throws: GzipError.malformed) { try decode(Array(encoded[..<count]), with: decoder) }
        }
        for index in encoded.indices {
            var damaged = encoded
            damaged[index] ^= 0x10
            let result = try? decode(damaged, with: decoder)
            #expect(result == nil || result == content, "\(index)")
        }
        for garbage in [[0], [0, 0, 0, 0], [0x1F], [0x1F, 0x8B], Array("x".utf8)] as [[UInt8]] {
            #expect(throws: GzipError.malformed) { try decode(encoded + garbage, with: decoder) }
        }
        // Neither zlib's frame nor bare deflate.
        let zlib: [UInt8] = [0x78, 0x9C, 0x4B, 0x04, 0x00, 0x00, 0x62, 0x00, 0x62]
        #expect(throws: GzipError.malformed) { try decode(zlib, with: decoder) }
        #expect(throws: GzipError.malformed) { try decode([0x4B, 0x04, 0x00], with: decoder) }
        // It still works.
        #expect(try decode(encoded, with: decoder) == content)
    }
}
