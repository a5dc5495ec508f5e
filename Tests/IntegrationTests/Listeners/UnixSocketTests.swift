import GatewayTesting
import Glibc
import Testing

/// A unix-domain socket's file: whose it is, who may connect, and what is said where that cannot be.
@Suite
struct UnixSocketTests {
    private let folder: TemporaryFolder
    private var path: String { "\(folder.path)/gateway.sock" }

    init() throws { folder = try TemporaryFolder() }

    private func status() throws -> stat {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return status
    }

    @Test(arguments: [("0660", 1), ("600", 2), ("0777", 1)])
    func theModeIsAsToldFromTheStart(mode: String, workers: Int) throws {
        let stack = try ScriptedStack(workers: workers, ["--listen", "unix:\(path)", "--listen-mode", mode])
        #expect(stack.gateway.address == "unix:\(path)")
        #expect(try status().st_mode & 0o777 == UInt32(mode, radix: 8))
        #expect(try stack.gateway.get("/v1/jobs/a").status == 200)
        try stack.stop()
        #expect(access(path, F_OK) == -1)
    }

    @Test(
        .enabled(if: getuid() == 0),
        arguments: [("12", 12, 0), ("0:34", 0, 34), (":34", 0, 34), ("daemon:daemon", 1, 1)]
    )
    func theOwnerIsAsTold(owner: String, user: UInt32, group: UInt32) throws {
        let stack = try ScriptedStack(["--listen", "unix:\(path)", "--listen-owner", owner])
        let status = try status()
        #expect(status.st_uid == user)
        #expect(status.st_gid == group)
        try stack.stop()
    }

    @Test
    func whatCannotBeIsSaidInOneLine() throws {
        let run = try ConfiguredProcess()
        let table: [([String], Int32, String)] = [
            (
                ["--listen-mode", "0660"], 64,
                "--listen-mode is for --listen unix:PATH, not 127.0.0.1:8080; --listen is 127.0.0.1:8080 by default"
            ),
            (
                ["--listen-owner", "root", "--listen", "[::1]:1"], 64,
                "--listen-owner is for --listen unix:PATH, not [::1]:1"
            ),
            (
                ["--listen-mode", "rw", "--listen", "unix:\(path)"], 64,
                "--listen-mode: \"rw\" is not a file mode in octal, such as 0660"
            ),
            (
                ["--listen-owner", "nobody-here", "--listen", "unix:\(path)"], 64,
                "--listen-owner: there is no user \"nobody-here\""
            ),
            (
                ["--listen-mode", "0660", "--listen", "unix:\(path)/no/folder"], 1,
                "cannot listen on unix:\(path)/no/folder: bind unix:\(path)/no/folder: no such file or directory"
            ),
        ]
        for (arguments, code, message) in table {
            let result = try run.run(["serve", "--admin-listen", "off"] + arguments)
            #expect(result.exit == .code(code))
            #expect(result.error.first == "Error: \(message)")
            #expect(access(path, F_OK) == -1)
        }
    }

    /// Without the right to give files away.
    @Test(.enabled(if: getuid() == 0 && access("/usr/bin/setpriv", X_OK) == 0))
    func anOwnerThatMayNotBeGivenIsAnError() throws {
        #expect(chmod(folder.path, 0o777) == 0)
        let process = try ChildProcess(
            "/usr/bin/setpriv",
            [
                "--reuid=65534", "--regid=65534", "--clear-groups", BuiltProduct.path("mltraining-gateway"), "serve",
                "--admin-listen", "off", "--listen", "unix:\(path)", "--listen-owner", "root",
            ]
        )
        #expect(try process.waitForExit() == .code(1))
        #expect(
            process.lines(.error).first
                == "Error: cannot listen on unix:\(path): set the owner of \(path): operation not permitted"
        )
        #expect(access(path, F_OK) == -1)
    }
}
