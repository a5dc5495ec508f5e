import Testing

@testable import GatewayTesting

/// Against the examples of protobuf's encoding document and hand-encoded bytes.
@Suite
struct ProtobufFixtureTests {
    private static let examples: [(bytes: [UInt8], expected: [UInt8])] = [
        (make { $0.varint(1, 150 as UInt64) }, [0x08, 0x96, 0x01]),
        (make { $0.varint(1, -2 as Int64) }, [8, 0xFE, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
        (make { $0.zigzag(1, -2) }, [8, 3]),
        (make { $0.bool(16, true) }, [0x80, 0x01, 1]),
        (make { $0.string(2, "ab") }, [0x12, 2, 0x61, 0x62]),
        (make { $0.message(3) { $0.varint(1, 150 as UInt64) } }, [0x1A, 3, 8, 0x96, 1]),
        (make { $0.fixed32(1, 0x0403_0201) }, [0x0D, 1, 2, 3, 4]),
        (make { $0.double(1, 1) }, [9, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F]),
        (make { $0.float(1, 1) }, [0x0D, 0, 0, 0x80, 0x3F]),
        (make { $0.bytes(1, [1], length: 300) }, [0x0A, 0xAC, 2, 1]),
    ]

    private static func make(_ build: (inout ProtobufFixture) -> Void) -> [UInt8] { ProtobufFixture.message(build) }

    @Test(arguments: examples)
    func encodes(bytes: [UInt8], expected: [UInt8]) {
        #expect(bytes == expected)
    }

    @Test
    func statusHoldsItsDetails() {
        let url = Array("type.googleapis.com/a.B".utf8)
        let expected = [8, 5, 0x12, 1, 0x78, 0x1A, 0x1C, 0x0A, 23] + url + [0x12, 1, 9]
        #expect(ProtobufFixture.status(5, "x", details: [("a.B", [9])]) == expected)
    }

    @Test(arguments: [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func base64HasNoPadding(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
    }

    @Test
    func framesAreTakenApart() {
        let two = GRPCFrame.encode([1]) + GRPCFrame.encode([])
        #expect(GRPCFrame.decode(two) == [[1], []])
        #expect(GRPCFrame.decode(two + [0, 0, 0, 0, 2, 1]) == [[1], []])
        #expect(GRPCFrame.decode([0, 0xFF, 0xFF, 0xFF, 0xFF]).isEmpty)
    }
}
