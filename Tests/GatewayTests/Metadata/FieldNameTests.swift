import Testing

@testable import Gateway
@testable import HTTPServer

@Suite
struct FieldNameTests {
    @Test(arguments: [
        ("Authorization", "authorization"), ("AUTHORIZATION", "authorization"), ("Connection", "connection"),
        ("Grpc-Metadata-X", "custom"), ("grpc-metadata-", "custom"), ("GRPC-METADATA-Trace-Bin", "custom"),
        ("Traceparent", #"tracing("traceparent")"#), ("tracestate", #"tracing("tracestate")"#),
        ("Baggage", #"tracing("baggage")"#),
        ("Host", "host"),
    ])
    func known(name: String, kind: String) throws {
        let found = try #require(parse(name))
        #expect("\(found)" == kind)
    }

    @Test(arguments: [
        "", "Cookie", "Hosts", "Grpc-Metadata", "Grpc-Timeout", "X-Forwarded-For", "X-Forwarded-Host",
        "authorizatioN\u{0}", "traceparents",
        "b\u{41}ggag\u{45}s", "@uthorization", "grpc\u{0D}metadata-x",
    ])
    func others(name: String) {
        #expect(parse(name) == nil)
    }

    @Test(arguments: [
        ("close", "x-a", false), ("x-a", "X-A", true), ("close, X-A", "x-a", true), ("x-ab", "x-a", false),
        ("x-b ,\tx-a , close", "x-a", true), ("", "x-a", false),
    ])
    func connectionOptions(value: String, name: String, isOption: Bool) {
        Array(value.utf8).withUnsafeBytes { value in
            Array("Connection".utf8).withUnsafeBytes { connection in
                Array(name.utf8).withUnsafeBytes { name in
                    let fields = [RequestField(name: connection, value: value)]
                    #expect(FieldName.isConnectionOption(name, in: fields) == isOption)
                }
            }
        }
    }

    private func parse(_ name: String) -> FieldName? {
        Array(name.utf8).withUnsafeBytes { FieldName($0) }
    }
}
