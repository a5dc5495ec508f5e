import Testing

@testable import EventLoop

@Suite
struct ResolverTests {
    private func resolve(_ host: String, port: UInt16) throws -> Result<[SocketAddress], UVError>? {
        let loop = try EventLoop()
        defer { loop.close() }
        var result: Result<[SocketAddress], UVError>?
        var count = 0
        Resolver.resolve(host: host, port: port, on: loop) {
            result = $0
            count += 1
        }
        #expect(result == nil)
        loop.run()
        #expect(count == 1)
        return result
    }

    @Test
    func localhostIsALoopbackAddress() throws {
        let addresses = try #require(try resolve("localhost", port: 80)).get()
        #expect(!addresses.isEmpty)
        #expect(Set(addresses.map(\.description)).isSubset(of: ["127.0.0.1:80", "[::1]:80"]))
    }

    /// The second is longer than a label may be, which libuv notices before it asks anyone.
    @Test(arguments: ["nonexistent.invalid", String(repeating: "a", count: 300)])
    func aNameThatDoesNotExist(host: String) throws {
        guard case .failure(let error) = try #require(try resolve(host, port: 80)) else {
            Issue.record("it exists")
            return
        }
        #expect(error.operation == "getaddrinfo")
        #expect(error.code < 0)
    }
}
