import RPCCore
import Testing

@Suite
struct StatusCodeOfHTTPTests {
    @Test(arguments: [
        (400, StatusCode.internalError), (431, .internalError), (401, .unauthenticated), (403, .permissionDenied),
        (404, .unimplemented), (429, .unavailable), (502, .unavailable), (503, .unavailable), (504, .unavailable),
        (200, .unknown), (500, .unknown), (302, .unknown), (418, .unknown), (0, .unknown),
    ])
    func mapping(status: Int, code: StatusCode) {
        #expect(StatusCode(ofHTTPStatus: status) == code)
    }
}
