import Testing

@testable import Gateway

@Suite
struct TraceParentTests {
    private static let id = "0af7651916cd43dd8448eb211c80319c"

    private func traceID(_ text: String) -> String? {
        Array(text.utf8).withUnsafeBytes { TraceParent.traceID($0).map { String(decoding: $0, as: UTF8.self) } }
    }

    @Test(arguments: ["00-\(id)-b7ad6b7169203331-01", "cc-\(id)-b7ad6b7169203331-01-what-follows"])
    func theTraceIsTold(text: String) {
        #expect(traceID(text) == Self.id)
    }

    @Test(arguments: [
        "", "00", "00-\(id)-b7ad6b7169203331-0", "ff-\(id)-b7ad6b7169203331-01", "00-\(id)-b7ad6b7169203331-01x",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01", "00_\(id)-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", "zz-\(id)-b7ad6b7169203331-01",
    ])
    func whatIsNoneIsNotTaken(text: String) {
        #expect(traceID(text) == nil)
    }
}
