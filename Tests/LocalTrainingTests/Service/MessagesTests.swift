import LocalTraining
import SwiftProtobuf
import Testing

@Suite struct MessagesTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z", "1970-01-01T00-00-00"),
            (1_772_496_000_000, "2026-03-03T00:00:00Z", "2026-03-03T00-00-00"),
            (1_709_210_096_789, "2024-02-29T12:34:56.789Z", "2024-02-29T12-34-56"),
            (-1, "1969-12-31T23:59:59.999Z", "1970-01-01T00-00-00"),
            (-1000, "1969-12-31T23:59:59Z", "1969-12-31T23-59-59"),
        ] as [(Int64, String, String)]
    )
    func writesTimes(_ milliseconds: Int64, _ json: String, _ version: String) throws {
        let time = UnixTime(milliseconds: milliseconds)
        #expect(try time.timestamp.jsonString() == "\"\(json)\"")
        #expect(time.versionName == version)
    }

    @Test func makesIDsOf24HexadecimalDigits() {
        let ids = (0..<100).map { _ in ObjectID.make(at: UnixTime(milliseconds: 1000)) }
        #expect(Set(ids).count == 100)
        #expect(ids.allSatisfy { $0.utf8.count == 24 && $0.hasPrefix("00000001") && $0.allSatisfy(\.isHexDigit) })
    }
}
