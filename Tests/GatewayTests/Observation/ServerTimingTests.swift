import HTTPServer
import Testing

@testable import Gateway

@Suite
struct ServerTimingTests {
    @Test(arguments: [
        ("server-timing", true), ("Server-Timing", true), ("respond-async, server-timing;x=1", true),
        ("wait=10 , server-timing=\"\"", true), ("server-timings", false), ("wait=server-timing", false), ("", false),
        (",", false), ("x-server-timing", false),
    ])
    func thePreferenceIsOneOfAList(value: String, isPreferred: Bool) {
        #expect(Array(value.utf8).withUnsafeBytes { ServerTiming.isPreferred($0) } == isPreferred)
    }

    @Test
    func phasesThatThereWereAreTold() {
        var record = RequestRecord(now: 0)
        record.enter(.gateway, at: 41_000)
        record.enter(.signIn, at: 100_000)
        record.enter(.gateway, at: 2_100_000)
        record.settle(at: 2_150_999)
        #expect(
            ServerTiming.text(record)
                == "request;dur=0.041, gateway;dur=0.109, signin;dur=2.000, total;dur=2.150"
        )
    }
}
