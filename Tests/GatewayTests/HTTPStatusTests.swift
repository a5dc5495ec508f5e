import Gateway
import RPCCore
import Testing

@Suite
struct HTTPStatusTests {
    /// The contract's table, all seventeen codes and one that no gRPC release defines.
    @Test(arguments: [
        (0, 200), (1, 499), (2, 500), (3, 400), (4, 504), (5, 404), (6, 409), (7, 403), (8, 429), (9, 400), (10, 409),
        (11, 400), (12, 501), (13, 500), (14, 503), (15, 500), (16, 401), (17, 500), (-1, 500),
    ])
    func followsTheContract(code: Int, status: UInt16) {
        #expect(HTTPStatus(StatusCode(rawValue: code)).rawValue == status)
    }
}
