import Testing

@testable import GatewayTesting

@Suite
struct EventuallyTests {
    @Test
    func returnsOnceItHolds() async throws {
        var asked = 0
        try await eventually("third time") {
            asked += 1
            return asked == 3
        }
        #expect(asked == 3)
    }

    @Test
    func saysWhatDidNotHappen() async {
        let error = await #expect(throws: NotInTime.self) {
            try await eventually("the sky falls", within: .milliseconds(20)) { false }
        }
        #expect(error?.description.contains("the sky falls") == true)
    }
}
