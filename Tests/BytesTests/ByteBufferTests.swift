import Bytes
import Glibc
import Testing

@Suite
struct ByteBufferTests {
    @Test
    func appendsBytesLiteralsAndArrays() {
        var buffer = ByteBuffer()
        let emptyAtFirst = buffer.isEmpty
        #expect(emptyAtFirst)
        buffer.append(0x41)
        buffer.append("bc")
        buffer.append(contentsOf: [0x64, 0x65])
        buffer.append(utf8: "fü")
        #expect(Array(buffer.bytes) == Array("Abcdefü".utf8))
        let second = buffer[1]
        #expect(second == 0x62)
    }

    @Test(arguments: [0, 1, 63, 64, 65, 1000])
    func growsWithoutLosingContent(size: Int) {
        var buffer = ByteBuffer(capacity: 3)
        for index in 0..<size { buffer.append(UInt8(truncatingIfNeeded: index)) }
        #expect(Array(buffer.bytes) == (0..<size).map { UInt8(truncatingIfNeeded: $0) })
        let spare = buffer.capacity - buffer.count
        #expect(spare >= 0)
    }

    @Test
    func movesBytesAndDropsEnds() {
        var buffer = ByteBuffer()
        buffer.append("0123456789")
        buffer.move(5..<10, to: 3)
        #expect(Array(buffer.bytes) == Array("0125678989".utf8))
        buffer.move(0..<3, to: 1)
        #expect(Array(buffer.bytes) == Array("0012678989".utf8))
        buffer.truncate(to: 5)
        buffer.move(5..<5, to: 5)
        #expect(Array(buffer.bytes) == Array("00126".utf8))
    }

    @Test
    func releasedMemoryBelongsToTheCaller() {
        var buffer = ByteBuffer()
        buffer.append("kept")
        let released = buffer.release()
        #expect(Array(released) == Array("kept".utf8))
        free(released.baseAddress)
        let nothing = ByteBuffer().release()
        #expect(nothing.baseAddress == nil)
    }

    @Test
    func writesIntoSpareRoom() {
        var buffer = ByteBuffer()
        buffer.append("a")
        buffer.appendUnsafe(100) { spare in
            spare[0] = 0x62
            return 1
        }
        #expect(Array(buffer.bytes) == Array("ab".utf8))
    }
}
