import GatewayTesting
import Glibc
import Testing

/// Sockets that the gateway is started with, as systemd passes them.
@Suite
struct SocketActivationTests {
    private let upstream: ScriptedUpstream
    private let folder: TemporaryFolder

    init() throws {
        upstream = try ScriptedUpstream()
        upstream.on(MLTraining.getJob) { .answer(MLTraining.job(id: MLTraining.id(in: $0))) }
        folder = try TemporaryFolder()
    }

    /// Starts the gateway with `descriptors`; only the process itself knows its number, which a shell then replaces.
    private func start(_ descriptors: [Int32], names: String? = nil, _ arguments: [String]) throws -> ChildProcess {
        var environment = ["LISTEN_FDS": "\(descriptors.count)"]
        if let names { environment["LISTEN_FDNAMES"] = names }
        return try ChildProcess(
            "/bin/sh",
            ["-c", "LISTEN_PID=$$ exec \"$0\" \"$@\"", BuiltProduct.path("mltraining-gateway"), "serve"]
                + ["--upstream", "http://\(upstream.address)"] + arguments,
            environment: environment,
            descriptors: descriptors
        )
    }

    /// A listening socket, which blocks, as systemd's do.
    private func makeSocket(_ address: String) throws -> TestListener { try TestListener(address) }

    @Test(arguments: [1, 3])
    func aPassedPortIsServed(workers: Int) throws {
        let socket = try makeSocket("127.0.0.1:0")
        let process = try start(
            [socket.descriptor],
            ["--listen", "systemd", "--admin-listen", "off", "--workers", "\(workers)"]
        )
        let gateway = try GatewayProcess(process)
        #expect(gateway.address == socket.address)
        for number in 0..<30 { #expect(try gateway.get("/v1/jobs/\(number)").status == 200) }
        let environment = try FileBytes.read("/proc/\(process.pid)/environ")
        #expect(!environment.isEmpty)
        #expect(try gateway.stop() == .code(0), "\(process.transcript)")
        // The socket was not the gateway's, and goes on listening for the next one.
        _ = try RawHTTPClient(address: socket.address)
    }

    @Test
    func socketsAreToldApartByName() throws {
        let (main, admin) = (try makeSocket("unix:\(folder.path)/main.sock"), try makeSocket("127.0.0.1:0"))
        let process = try start(
            [admin.descriptor, main.descriptor],
            names: "admin:main",
            ["--listen", "systemd:main", "--admin-listen", "systemd:admin", "--workers", "2"]
        )
        let adminAddress = try process.waitForLine(prefix: "mltraining-gateway admin listening on ")
        #expect(adminAddress == admin.address)
        let gateway = try GatewayProcess(process)
        #expect(gateway.address == "unix:\(folder.path)/main.sock")
        #expect(try gateway.get("/v1/jobs/a").status == 200)
        #expect(try Answer(RawHTTPClient(address: adminAddress).get("/healthz")).status == 200)
        #expect(try gateway.stop() == .code(0), "\(process.transcript)")
        // Its file is the one's who made it.
        #expect(access("\(folder.path)/main.sock", F_OK) == 0)
    }

    @Test
    func whatCannotBeIsSaidInOneLine() throws {
        let socket = try makeSocket("127.0.0.1:0")
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(null) }
        let listen = ["--admin-listen", "off", "--listen"]
        let none = "no socket was passed to this process (LISTEN_FDS and LISTEN_PID, as systemd sets them)"
        let table: [(descriptors: [Int32], arguments: [String], message: String)] = [
            ([], listen + ["systemd"], "--listen: \(none)"),
            ([], ["--admin-listen", "systemd:x", "--listen", "127.0.0.1:0"], "--admin-listen: \(none)"),
            (
                [socket.descriptor, socket.descriptor], listen + ["systemd"],
                "--listen: 2 sockets were passed; choose one by systemd:NAME, of \"unknown\", \"unknown\""
            ),
            (
                [socket.descriptor], listen + ["systemd:web"],
                "--listen: no passed socket is named \"web\"; there are \"unknown\""
            ),
            (
                [null], listen + ["systemd"],
                "--listen: descriptor 3, which was passed, is not a stream socket (ListenStream=)"
            ),
            (
                [socket.descriptor], ["--listen", "systemd", "--admin-listen", "systemd"],
                "--listen and --admin-listen are the same passed socket"
            ),
            (
                [socket.descriptor], listen + ["systemd", "--listen-mode", "0660"],
                "--listen-mode is for --listen unix:PATH, not systemd"
            ),
        ]
        for row in table {
            let process = try start(row.descriptors, row.arguments)
            #expect(try process.waitForExit() == .code(64))
            #expect(process.lines(.error).first == "Error: \(row.message)")
        }
    }

    @Test
    func thoseForAnotherProcessAreNotTaken() throws {
        let socket = try makeSocket("127.0.0.1:0")
        let process = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            ["serve", "--listen", "systemd", "--admin-listen", "off"],
            environment: ["LISTEN_FDS": "1", "LISTEN_PID": "1"],
            descriptors: [socket.descriptor]
        )
        #expect(try process.waitForExit() == .code(64))
    }

    /// Outside of its service, a configuration can be checked all the same.
    @Test
    func checkNeedsNoSocket() throws {
        let result = try ConfiguredProcess().run(["check", "--listen", "systemd"])
        #expect(result.exit == .code(0), "\(result.error)")
    }

    /// systemd's own tool for trying such services out.
    @Test(.enabled(if: access("/usr/bin/systemd-socket-activate", X_OK) == 0))
    func systemdStartsIt() throws {
        let port = try PortReservation().port
        let process = try ChildProcess(
            "/usr/bin/systemd-socket-activate",
            // It hands on no environment but what it is told to.
            ["--listen=127.0.0.1:\(port)", "--fdname=web", "--setenv=ASAN_OPTIONS", "--setenv=TSAN_OPTIONS"]
                + [BuiltProduct.path("mltraining-gateway"), "serve", "--upstream", "http://\(upstream.address)"]
                + ["--listen", "systemd:web", "--admin-listen", "off"]
        )
        _ = try process.waitForLine(prefix: "Listening on ")
        // The first connection starts it, and waits until it is served.
        let client = try RawHTTPClient(port: port)
        #expect(try Answer(client.get("/v1/jobs/a")).status == 200)
        #expect(try process.terminate() == .code(0), "\(process.transcript)")
    }
}
