import Testing

@testable import Gateway
@testable import HTTPServer

@Suite
struct ServiceLimitsTests {
    @Test(arguments: [
        (10, 1, 10), (10, 2, 5), (10, 3, 4), (1, 8, 1), (9, 8, 2), (8, 8, 1), (0, 4, Int.max), (5, 0, 5),
    ])
    func eachWorkerHasItsShare(limit: Int, workers: Int, share: Int) {
        var limits = ServiceLimits()
        limits.requestsInFlight = limit
        #expect(limits.requestsInFlight(ofEach: workers) == share)
    }

    @Test
    func theServerGetsThem() {
        var limits = ServiceLimits()
        limits.headerBytes = 5000
        limits.headerTimeout = 1
        limits.bodyTimeout = 2
        limits.idleTimeout = 3
        limits.bodyRate = 4
        var server = HTTPServer.Configuration()
        limits.apply(to: &server)
        #expect(server.maximumHeaderSize == 5000)
        // What is left is for the answer.
        #expect(server.connectionMemory == 5000 + 2048)
        #expect(server.headerTimeout == 1)
        #expect(server.bodyTimeout == 2)
        #expect(server.idleTimeout == 3)
        #expect(server.minimumBodyRate == 4)
    }

    @Test
    func theDefaultsAreTheServersOwn() {
        var server = HTTPServer.Configuration()
        ServiceLimits().apply(to: &server)
        #expect(server.connectionMemory == HTTPServer.Configuration().connectionMemory)
        #expect(server.headerTimeout == HTTPServer.Configuration().headerTimeout)
        #expect(server.bodyTimeout == HTTPServer.Configuration().bodyTimeout)
        #expect(server.idleTimeout == HTTPServer.Configuration().idleTimeout)
        #expect(server.minimumBodyRate == HTTPServer.Configuration().minimumBodyRate)
    }
}
