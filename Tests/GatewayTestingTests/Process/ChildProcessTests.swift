import Glibc
import Testing

@testable import GatewayTesting

@Suite
struct ChildProcessTests {
    private func shell(_ script: String, environment: [String: String] = [:]) throws -> ChildProcess {
        try ChildProcess("/bin/sh", ["-c", script], environment: environment)
    }

    @Test
    func collectsLinesAndTheExitCode() throws {
        let child = try shell("echo one; echo two >&2; printf 'no newline'; exit 7")
        #expect(try child.waitForExit() == .code(7))
        #expect(child.lines(.output) == ["one", "no newline"])
        #expect(child.lines(.error) == ["two"])
        #expect(!child.isRunning)
        #expect(!child.signal(SIGTERM))
    }

    @Test
    func passesArgumentsAndEnvironment() throws {
        let child = try ChildProcess(
            "/bin/sh",
            ["-c", "echo \"$0|$1|$GATEWAY_TEST_VALUE|${PATH:+path}\"", "a b", ""],
            environment: ["GATEWAY_TEST_VALUE": "x=y"]
        )
        try child.waitForExit()
        #expect(child.lines(.output) == ["a b||x=y|path"])
    }

    @Test
    func waitsForALine() throws {
        let child = try shell("echo starting; sleep 0.05; echo listening on 127.0.0.1:80 >&2; exec sleep 60")
        #expect(try child.waitForLine(prefix: "listening on ") == "127.0.0.1:80")
        #expect(child.isRunning)
        #expect(try child.terminate() == .signal(SIGTERM))
    }

    @Test
    func saysWhatWasHeardInsteadOfTheLine() throws {
        let ended = try shell("echo cannot bind; exit 1")
        let error = #expect(throws: ChildProcess.Failure.self) { _ = try ended.waitForLine(prefix: "listening") }
        #expect(error?.description.contains("code(1)") == true)
        #expect(error?.description.contains("cannot bind") == true)
        let slow = try shell("exec sleep 60")
        #expect(throws: ChildProcess.Failure.self) {
            _ = try slow.waitForLine(prefix: "listening", timeout: .milliseconds(30))
        }
        #expect(throws: ChildProcess.Failure.self) { _ = try slow.waitForExit(timeout: .milliseconds(30)) }
    }

    @Test
    func killsWhatDoesNotListen() throws {
        let child = try shell("trap '' TERM; echo ready; while :; do sleep 0.02; done")
        _ = try child.waitForLine(prefix: "ready")
        #expect(try child.terminate(grace: .milliseconds(50)) == .signal(SIGKILL))
    }

    @Test
    func leavesNothingBehind() throws {
        var child: ChildProcess? = try shell("echo ready; exec sleep 60")
        _ = try child?.waitForLine(prefix: "ready")
        let pid = try #require(child?.pid)
        #expect(kill(pid, 0) == 0)
        child = nil
        #expect(kill(pid, 0) == -1)
        #expect(errno == ESRCH)
    }

    @Test
    func writesToStandardInput() throws {
        let child = try ChildProcess("/bin/cat")
        try child.write("first\nsec")
        #expect(try child.waitForLine(prefix: "fir") == "st")
        try child.write("ond\n")
        child.closeInput()
        #expect(try child.waitForExit() == .code(0))
        #expect(child.lines(.output) == ["first", "second"])
        #expect(throws: SystemError.self) { try child.write("x") }
    }

    @Test
    func readsMoreThanAPipeHolds() throws {
        let child = try shell(
            "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done"
        )
        #expect(try child.waitForExit() == .code(0))
        #expect(child.lines(.output).count == 3000)
    }

    @Test
    func aMissingProgramIsAnError() {
        let error = #expect(throws: SystemError.self) { _ = try ChildProcess("/no/such/program") }
        #expect(error?.code == ENOENT)
    }

    @Test
    func tellsWhatAProcessUses() throws {
        let usage = try #require(ProcessUsage(pid: getpid()))
        #expect(usage.residentBytes > 1 << 20)
        #expect(usage.peakResidentBytes >= usage.residentBytes)
        #expect(usage.openDescriptors >= 3)
        #expect(usage.cpu > .zero)
        #expect(ProcessUsage(pid: -5) == nil)
    }

    @Test
    func findsExecutablesBesideTheTests() throws {
        #expect(access(BuiltProduct.path("canned-upstream"), X_OK) == 0)
        setenv("EXECUTABLE_NO_SUCH_TOOL", "/elsewhere/tool", 1)
        #expect(BuiltProduct.path("no-such-tool") == "/elsewhere/tool")
    }
}
