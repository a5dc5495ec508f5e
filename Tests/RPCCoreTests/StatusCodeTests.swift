import RPCCore
import Testing

@Suite
struct StatusCodeTests {
    @Test(arguments: [
        (0, "OK"), (1, "CANCELLED"), (5, "NOT_FOUND"), (16, "UNAUTHENTICATED"), (17, "UNKNOWN"), (-1, "UNKNOWN"),
    ])
    func namesAreThoseOfGoogleRPCCode(number: Int, name: String) {
        #expect(StatusCode(rawValue: number).description == name)
    }

    @Test
    func deadlinesSaturate() {
        let now = Deadline(nanoseconds: 10)
        #expect(now.advanced(by: 5).remaining(at: now) == 5)
        #expect(now.advanced(by: .max) == .never)
        #expect(now.remaining(at: Deadline(nanoseconds: 11)) == 0)
    }
}
