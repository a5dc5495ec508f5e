import GatewayTesting
import Glibc
import Testing

@testable import Gateway

/// What a service manager is told, as it hears it.
@Suite
struct ServiceManagerTests {
    private static func name(_ prefix: String) -> String {
        "\(prefix)service-manager-tests-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    }

    @Test(arguments: ["/tmp/", "@"])
    func messagesArrive(prefix: String) throws {
        let socket = try NotifySocket(Self.name(prefix))
        let manager = try #require(ServiceManager(path: socket.name))
        manager.notify(.ready, .status("serving\non 127.0.0.1:8080"))
        #expect(socket.next() == "READY=1\nSTATUS=serving on 127.0.0.1:8080")
        manager.notify(.stopping, .extendTimeout(30_000_000))
        #expect(socket.next() == "STOPPING=1\nEXTEND_TIMEOUT_USEC=30000000")
        manager.notify(.watchdog)
        #expect(socket.next() == "WATCHDOG=1")
        #expect(manager.watchdogTimeout == nil)
    }

    @Test
    func aReloadTellsTheTime() throws {
        let socket = try NotifySocket(Self.name("@"))
        let manager = try #require(ServiceManager(path: socket.name))
        var before = timespec()
        clock_gettime(CLOCK_MONOTONIC, &before)
        manager.notify(.reloading)
        let lines = try #require(socket.next()).split(separator: "\n")
        #expect(lines.first == "RELOADING=1")
        let time = try #require(lines.last.flatMap { UInt64($0.dropFirst("MONOTONIC_USEC=".count)) })
        #expect(time >= UInt64(before.tv_sec) * 1_000_000 + UInt64(before.tv_nsec) / 1000)
        #expect(time < UInt64(before.tv_sec + 60) * 1_000_000)
    }

    @Test
    func aManagerThatIsGoneIsNoMatter() throws {
        let name = Self.name("/tmp/")
        let manager = try #require(ServiceManager(path: name))
        manager.notify(.ready)
        let socket = try NotifySocket(name)
        manager.notify(.ready)
        #expect(socket.next() == "READY=1")
    }

    @Test(arguments: ["", "/", "@", "relative", "vsock:2:1234", "/" + String(repeating: "x", count: 200)])
    func otherKindsOfSocketsAreIgnored(path: String) {
        #expect(ServiceManager(path: path) == nil)
    }

    @Test(
        arguments: [
            ("3000000", nil, 3_000_000), ("3000000", "\(getpid())", 3_000_000), ("3000000", "1", nil),
            ("0", nil, nil), ("-1", nil, nil), ("soon", nil, nil), (nil, nil, nil), ("1", "", nil),
        ] as [(String?, String?, UInt64?)]
    )
    func theWatchdogIsForThisProcess(timeout: String?, process: String?, expected: UInt64?) {
        let manager = ServiceManager(path: "@x", watchdogTimeout: timeout, watchdogProcess: process)
        #expect(manager?.watchdogTimeout == expected)
    }
}
