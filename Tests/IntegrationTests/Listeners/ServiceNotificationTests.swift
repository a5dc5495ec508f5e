import GatewayTesting
import Glibc
import Testing

/// What a service manager hears of the gateway (sd_notify(3)).
@Suite
struct ServiceNotificationTests {
    private static func socket() throws -> NotifySocket {
        try NotifySocket("@notification-tests-\(getpid())-\(UInt32.random(in: 0 ... .max))")
    }

    private func start(_ socket: NotifySocket, _ environment: [String: String] = [:]) throws -> GatewayProcess {
        let process = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "off", "--workers", "2"],
            environment: environment.merging(["NOTIFY_SOCKET": socket.name]) { $1 }
        )
        return try GatewayProcess(process)
    }

    @Test
    func startAndStopAreTold() throws {
        let socket = try Self.socket()
        let gateway = try start(socket)
        #expect(socket.next() == "READY=1\nSTATUS=serving on \(gateway.address)")
        // It serves by then.
        _ = try gateway.client()
        #expect(try gateway.stop() == .code(0))
        #expect(socket.next() == "STOPPING=1\nSTATUS=finishing the requests in flight\nEXTEND_TIMEOUT_USEC=30000000")
        #expect(socket.next(within: .milliseconds(50)) == nil)
    }

    @Test
    func aLivingGatewaySaysSo() throws {
        let socket = try Self.socket()
        let gateway = try start(socket, ["WATCHDOG_USEC": "100000"])
        for _ in 0..<3 { #expect(socket.hears("WATCHDOG=1")) }
        #expect(try gateway.stop() == .code(0))
        #expect(socket.hears("STOPPING=1"))
    }

    @Test
    func oneThatIsStoppedIsSilentAndOneThatGoesOnIsNot() throws {
        let socket = try Self.socket()
        let gateway = try start(socket, ["WATCHDOG_USEC": "100000"])
        #expect(socket.hears("WATCHDOG=1"))
        gateway.process.signal(SIGSTOP)
        while socket.next(within: .milliseconds(300)) != nil {}
        gateway.process.signal(SIGCONT)
        #expect(socket.hears("WATCHDOG=1"))
        #expect(try gateway.stop() == .code(0))
    }

    @Test
    func theWatchdogOfAnotherProcessIsNotFed() throws {
        let socket = try Self.socket()
        let gateway = try start(socket, ["WATCHDOG_USEC": "50000", "WATCHDOG_PID": "1"])
        #expect(socket.hears("READY=1"))
        #expect(!socket.hears("WATCHDOG=1", within: .milliseconds(300)))
        #expect(try gateway.stop() == .code(0))
    }
}
