import Testing

@testable import Gateway

@Suite
struct MetadataNameTests {
    @Test(arguments: ["a", "x-y_z.0", "trace-bin"])
    func wellFormed(name: String) {
        #expect(MetadataName.isWellFormed(name))
    }

    @Test(arguments: ["", "A", ":path", "a b", "a:b", "é", "a\n", "a\0", "a/b"])
    func malformed(name: String) {
        #expect(!MetadataName.isWellFormed(name))
    }

    @Test(arguments: [
        "connection", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding",
        "upgrade", "host", "content-length", "content-type", "grpc-status", "grpc-timeout", "grpc-",
    ])
    func theTransportsOwn(name: String) {
        #expect(MetadataName.isReservedInRequests(name))
        #expect(MetadataName.isReservedInAnswers(name))
    }

    @Test(arguments: [
        "authorization", "x-request-id", "forwarded", "x-forwarded-for", "x-forwarded-client-cert", "x-forwarded-port",
        "x-real-ip", "x-envoy-internal", "user-agent",
    ])
    func whatOthersVouchFor(name: String) {
        #expect(MetadataName.isReservedInRequests(name))
    }

    @Test(arguments: ["x-user", "tea", "proxy", "grpc", "grpcx", "content-language", "upgrades", "trailers", "cookie"])
    func anyonesToSet(name: String) {
        #expect(!MetadataName.isReservedInRequests(name))
        #expect(!MetadataName.isReservedInAnswers(name))
    }
}
