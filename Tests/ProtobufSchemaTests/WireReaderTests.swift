import Bytes
import ProtobufSchema
import Testing

@Suite
struct WireReaderTests {
    private func read<Value>(
        _ bytes: [UInt8],
        _ body: (inout WireReader) throws(WireError) -> Value
    ) -> Result<Value, WireError> {
        bytes.withUnsafeBytes { bytes -> Result<Value, WireError> in
            var reader = WireReader(bytes)
            do throws(WireError) {
                return .success(try body(&reader))
            } catch {
                return .failure(error)
            }
        }
    }

    @Test(arguments: [
        0, 1, 127, 128, 300, 16_383, 16_384, 1 << 21, 1 << 28, 1 << 35, 1 << 42, 1 << 49, 1 << 56, 1 << 63, UInt64.max,
    ])
    func varintsReadBack(value: UInt64) {
        var buffer = ByteBuffer()
        buffer.appendVarint(value)
        let bytes = Array(buffer.bytes)
        #expect(bytes.count == ByteBuffer.varintLength(value))
        #expect(read(bytes) { reader throws(WireError) in try reader.readVarint() } == .success(value))
        for count in 0..<bytes.count {
            let cut = read(Array(bytes[..<count])) { reader throws(WireError) in try reader.readVarint() }
            #expect(cut == .failure(.truncated))
        }
    }

    @Test
    func varintsEndAfterTenBytes() {
        let long = [UInt8](repeating: 0xFF, count: 10)
        #expect(read(long + [0]) { reader throws(WireError) in try reader.readVarint() } == .failure(.malformedVarint))
        let padded: [UInt8] = [0x81, 0x80, 0x00]
        #expect(read(padded) { reader throws(WireError) in try reader.readVarint() } == .success(1))
    }

    @Test(arguments: [[0x00], [0x06], [0x07], [0x0E], [0x80, 0x80, 0x80, 0x80, 0x10]] as [[UInt8]])
    func refusesMalformedTags(bytes: [UInt8]) {
        #expect(read(bytes) { reader throws(WireError) in try reader.readTag() } == .failure(.malformedTag))
    }

    @Test
    func readsTheLargestTag() throws {
        let tag = try read([0xFD, 0xFF, 0xFF, 0xFF, 0x0F]) { reader throws(WireError) in try reader.readTag() }.get()
        #expect(tag.number == 536_870_911)
        #expect(tag.wireType == .fixed32)
    }

    @Test(
        arguments: [
            ([0x08, 0x80, 0x01], nil), ([0x09, 0, 0, 0, 0, 0, 0, 0, 0], nil), ([0x0A, 2, 1, 2], nil),
            ([0x0D, 0, 0, 0, 0], nil),
            ([0x0B, 0x10, 0x01, 0x0C], nil), ([0x0B, 0x13, 0x14, 0x0C], nil), ([0x0A, 3, 1, 2], .truncated),
            ([0x0B], .unbalancedGroup), ([0x0B, 0x14], .unbalancedGroup), ([0x0C], .unbalancedGroup),
            ([0x0D, 0], .truncated),
            ([0x09, 0], .truncated), ([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .truncated),
        ] as [([UInt8], WireError?)]
    )
    func skipsWholeFields(bytes: [UInt8], error: WireError?) {
        let result = read(bytes) { reader throws(WireError) in
            try reader.skip(try reader.readTag())
            return reader.isAtEnd
        }
        #expect(result == error.map { .failure($0) } ?? .success(true))
    }

    @Test
    func groupsNestOneHundredDeep() {
        func nested(_ depth: Int) -> [UInt8] {
            [UInt8](repeating: 0x0B, count: depth) + [UInt8](repeating: 0x0C, count: depth)
        }
        let skip = { (reader: inout WireReader) throws(WireError) -> Void in try reader.skip(try reader.readTag()) }
        #expect(throws: Never.self) { try read(nested(100), skip).get() }
        #expect(throws: WireError.tooDeep) { try read(nested(101), skip).get() }
        #expect(throws: WireError.tooDeep) { try read(nested(100_000), skip).get() }
    }

    @Test
    func fixedValuesAreLittleEndian() {
        #expect(read([1, 2, 3, 4]) { reader throws(WireError) in try reader.readFixed32() } == .success(0x0403_0201))
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        #expect(read(bytes) { reader throws(WireError) in try reader.readFixed64() } == .success(0x0807_0605_0403_0201))
    }

    @Test
    func stringsAreUTF8() {
        #expect(read([2, 0xC3, 0xA9]) { reader throws(WireError) in try reader.readString() } == .success("é"))
        #expect(read([1, 0xC3]) { reader throws(WireError) in try reader.readString() } == .failure(.invalidUTF8))
    }
}
