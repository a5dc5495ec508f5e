import GatewayTesting
import Glibc
import Testing

/// What keeps the gateway from starting is told in one line each, with an exit code, and never a trace.
@Suite
struct StartErrorTests {
    private static let executable = BuiltProduct.path("mltraining-gateway")
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try FileBytes.write(Array("not PEM, not YAML: [, not a descriptor set".utf8), to: "\(folder.path)/bad")
        try FileBytes.write([], to: "\(folder.path)/empty")
        try FileBytes.write(Array("listn: 127.0.0.1:0\n".utf8), to: "\(folder.path)/typo.yaml")
        try FileBytes.write(Array("a socket?".utf8), to: "\(folder.path)/file")
    }

    /// `DIR` in `arguments` and `words` is the folder.
    @Test(arguments: [
        (["--no-such-flag"], 64, "Unknown option '--no-such-flag'"),
        (["--workers", "0"], 64, "--workers must be from 1 to 1024"),
        (["--shutdown-delay", "-1"], 64, "--shutdown-delay"),
        (["--shutdown-grace", "forever"], 64, "--shutdown-grace must be a number"),
        (["--listen", "nowhere"], 64, "--listen"),
        (["--admin-listen", "127.0.0.1:x"], 64, "--admin-listen"),
        (["--listen", "192.0.2.1:0"], 1, "192.0.2.1:0"),
        (["--listen", "[2001:db8::1]:0"], 1, "2001:db8::1"),
        (["--admin-listen", "192.0.2.1:0"], 1, "--admin-listen"),
        (["--listen", "unix:DIR/file"], 1, "in use"),
        (["--listen", "unix:DIR/no/such/folder/socket"], 1, "no such file or directory"),
        (["--listen", "unix:/proc/socket"], 1, "/proc/socket"),
        (["--config", "DIR/missing.yaml"], 1, "DIR/missing.yaml: No such file or directory"),
        (["--config", "DIR"], 1, "DIR: Is a directory"),
        (["--config", "DIR/bad"], 1, "DIR/bad:"),
        (
            ["--config", "DIR/typo.yaml"], 1,
            "DIR/typo.yaml:1:1: there is no setting \"listn\"; did you mean \"listen\"?"
        ),
        (["--config", "DIR/file/below"], 1, "Not a directory"),
        (["--descriptor-set", "DIR/bad"], 1, "the descriptor set is not usable"),
        (["--descriptor-set", "DIR/empty"], 1, "the descriptor set has no method"),
        (["--http-rules", "DIR/bad"], 1, "DIR/bad:"),
        (["--upstream", "https://h", "--upstream-ca", "DIR/bad"], 1, "no PEM certificates"),
        (["--upstream", "ftp://h"], 64, "ftp://h"),
        (["--viam-auth", "service-key"], 1, "VIAM_API_KEY"),
        (["--viam-auth", "service-key", "--viam-api-key-file", "DIR/empty"], 1, "DIR/empty: the file is empty"),
    ])
    func isOneClearLine(arguments: [String], code: Int, words: String) throws {
        let fill = { (text: String) in text.replacing("DIR", with: folder.path) }
        var arguments = arguments.map(fill)
        if !arguments.contains("--listen") { arguments += ["--listen", "127.0.0.1:0"] }
        if !arguments.contains("--admin-listen") { arguments += ["--admin-listen", "off"] }
        let process = try ChildProcess(Self.executable, ["serve"] + arguments)
        #expect(try process.waitForExit() == .code(Int32(code)), "\(process.transcript)")
        #expect(process.lines(.output).isEmpty)
        let lines = process.lines(.error)
        #expect(lines.contains { $0.hasPrefix("Error: ") && $0.contains(fill(words)) }, "\(lines)")
        // What the argument parser adds says how to go on.
        let rest = lines.filter { !$0.hasPrefix("Error: ") }
        #expect(
            rest.allSatisfy {
                code == 64 && ($0.hasPrefix("Usage: ") || $0.hasPrefix("  See ") || $0.hasPrefix("Help: "))
            },
            "\(lines)"
        )
    }

    @Test(arguments: ["--listen", "--admin-listen"], [1, 2])
    func anAddressInUse(option: String, workers: Int) throws {
        let taken = try ScriptedUpstream()
        let other = option == "--listen" ? "--admin-listen" : "--listen"
        let process = try ChildProcess(
            Self.executable,
            ["serve", option, taken.address, other, "127.0.0.1:0", "--workers", "\(workers)"]
        )
        #expect(try process.waitForExit() == .code(1))
        let lines = process.lines(.error)
        #expect(lines.count == 1)
        #expect(lines.first?.contains("cannot listen on \(taken.address)") == true, "\(lines)")
        #expect(lines.first?.contains("in use") == true, "\(lines)")
        taken.stop()
    }

    @Test
    func permissionDenied() throws {
        // Root may read and bind everything.
        guard geteuid() != 0 else { return }
        try FileBytes.write([], to: "\(folder.path)/secret")
        chmod("\(folder.path)/secret", 0)
        let process = try ChildProcess(Self.executable, ["serve", "--descriptor-set", "\(folder.path)/secret"])
        #expect(try process.waitForExit() == .code(1))
        #expect(process.lines(.error) == ["Error: \(folder.path)/secret: Permission denied"])
    }
}
