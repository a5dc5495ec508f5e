import Testing

@testable import Gateway

@Suite
struct CORSRequestHeadersTests {
    @Test(arguments: [
        ("content-type", "content-type"), ("Content-Type, AUTHORIZATION", "content-type, authorization"),
        ("authorization,content-type,x-viam-api-key", "authorization, content-type, x-viam-api-key"),
        ("grpc-metadata-x-team, grpc-timeout", "grpc-metadata-x-team, grpc-timeout"),
        ("x-forwarded-for, content-type, forwarded, host, cookie", "content-type"),
        ("content-type, content-type", "content-type"), (" , ,", ""), ("", ""), ("*", ""),
        ("grpc-metadata-a b, if-none-match", "if-none-match"), ("grpc-metadata-\u{1}", ""),
    ])
    func echoesWhatTheGatewayTakes(requested: String, expected: String) {
        #expect(Array(requested.utf8).withUnsafeBytes { CORSRequestHeaders.allowed(of: $0) } == expected)
    }

    @Test
    func theListIsBounded() {
        let names = (0..<1000).map { "grpc-metadata-\($0)" }.joined(separator: ",")
        let allowed = Array(names.utf8).withUnsafeBytes { CORSRequestHeaders.allowed(of: $0) }
        #expect(allowed.utf8.count <= CORSRequestHeaders.maximumList)
        #expect(allowed.hasPrefix("grpc-metadata-0, grpc-metadata-1, "))
        let long = "grpc-metadata-" + String(repeating: "x", count: 200)
        #expect(Array(long.utf8).withUnsafeBytes { CORSRequestHeaders.allowed(of: $0) }.isEmpty)
    }
}
