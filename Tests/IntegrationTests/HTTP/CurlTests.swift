import Foundation
import GatewayTesting
import Testing

/// What curl's options make of HTTP, end to end.
@Suite(.sharedScriptedStack())
struct CurlTests {
    private let stack: ScriptedStack

    init() throws {
        stack = try SharedScriptedStack.current
        stack.upstream.on(MLTraining.submit, .answer(ProtobufFixture.message { $0.string(1, "made") }))
    }

    private static let job = #"{"modelName": "m"}"#

    @Test(arguments: [
        (["--http1.0"], "/v1/jobs/a", 200), (["--http1.1"], "/v1/jobs/a", 200),
        // An offer of HTTP/2 without TLS, which is not taken (RFC 9110, section 7.8).
        (["--http2"], "/v1/jobs/a", 200), (["--http0.9"], "/v1/jobs/a", 200),
        (["-d", job, "-H", "Content-Type:"], "/v1/jobs", 201), (["-d", job], "/v1/jobs", 415),
        (["--json", job], "/v1/jobs", 201), (["--json", job, "--http1.0"], "/v1/jobs", 201),
        (["--json", job, "-H", "Transfer-Encoding: chunked"], "/v1/jobs", 201),
        (["--json", job, "-H", "Expect: 100-continue"], "/v1/jobs", 201),
        (["--json", job, "-H", "Transfer-Encoding: chunked", "-H", "Expect: 100-continue"], "/v1/jobs", 201),
        (["--data-urlencode", "organization_id=a b/c", "-G"], "/v1/jobs", 501),
        (["--path-as-is"], "/v1/jobs/a%2Fb%3Ac", 200), (["--path-as-is"], "/v1/jobs/../jobs/a", 404),
        (["-X", "DELETE"], "/v1/jobs/a", 501), (["-X", "PUT"], "/v1/jobs/a", 405),
        (["--url-query", "x=1"], "/v1/jobs/a", 400),
        (["-H", "Accept: application/problem+json"], "/nope", 404),
        (["-e", "http://a/", "-A", "", "-b", "a=b"], "/v1/jobs/a", 200),
        (["-H", "Host:"], "/v1/jobs/a", 400),
    ])
    func options(arguments: [String], target: String, status: Int) throws {
        let answer = try Curl.run(arguments + ["--max-time", "10", "http://\(stack.gateway.address)\(target)"])
        #expect(answer.status == status, "\(answer.json)")
        #expect(answer.headers["x-request-id"] != nil)
        if status >= 400, target != "/nope" { #expect(answer.error["code"] == .number(Double(status))) }
    }

    @Test
    func anEncodedSlashStaysInItsSegment() throws {
        let answer = try Curl.run(["--path-as-is", "http://\(stack.gateway.address)/v1/jobs/x%2Fy"])
        #expect(answer.json["id"] == "x/y")
    }

    /// curl waits a second for an interim answer that does not come.
    @Test
    func aLargeUploadIsAskedForAtOnce() throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/job.json"
        try FileBytes.write(Array((CurlTests.job + String(repeating: " ", count: 2 << 20)).utf8), to: file)
        for arguments in [["-T", file, "-X", "POST"], ["--data-binary", "@\(file)"], ["-T", ".", "-X", "POST"]] {
            let type = ["-H", "Content-Type: application/json", "--expect100-timeout", "60", "--max-time", "30"]
            let url = "http://\(stack.gateway.address)/v1/jobs"
            // Of its standard input curl does not know the length.
            let command = arguments[1] == "." ? "curl -sSi \"$@\" < \(file)" : "curl -sSi \"$@\""
            let child = try ChildProcess("/bin/sh", ["-c", command, "sh"] + arguments + type + [url])
            child.closeInput()
            #expect(try child.waitForExit(timeout: .seconds(40)) == .code(0), "\(child.transcript)")
            #expect(child.lines(.output).contains { $0.hasPrefix("HTTP/1.1 201") }, "\(arguments) \(child.transcript)")
        }
    }

    /// Refused by its length alone: curl sends no body after the final answer.
    @Test
    func anUploadThatIsTooLargeIsNotSent() throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/large"
        try FileBytes.write([UInt8](repeating: 0x20, count: 8 << 20), to: file)
        let child = try ChildProcess(
            "/usr/bin/curl",
            [
                "-sS", "-o", "/dev/null", "-w", "%{http_code} %{size_upload}\n", "--expect100-timeout", "60", "--json",
                "@\(file)",
            ]
                + ["-H", "Expect: 100-continue", "http://\(stack.gateway.address)/v1/jobs"]
        )
        child.closeInput()
        #expect(try child.waitForExit() == .code(0), "\(child.transcript)")
        #expect(child.lines(.output) == ["413 0"])
    }

    @Test
    func headHasTheHeadersOfGet() throws {
        let child = try ChildProcess(
            "/usr/bin/curl",
            ["-sSI", "--max-time", "10", "http://\(stack.gateway.address)/v1/jobs/a"]
        )
        child.closeInput()
        #expect(try child.waitForExit() == .code(0))
        let lines = child.lines(.output).map { $0.lowercased() }
        #expect(lines.first?.hasPrefix("http/1.1 200") == true)
        for name in ["content-length: ", "etag: ", "content-type: application/json"] {
            #expect(lines.contains { $0.hasPrefix(name) }, "\(lines)")
        }
    }

    @Test
    func optionsTellTheMethods() throws {
        let child = try ChildProcess(
            "/usr/bin/curl",
            ["-sSi", "-X", "OPTIONS", "--max-time", "10", "http://\(stack.gateway.address)/v1/jobs/a"]
        )
        child.closeInput()
        #expect(try child.waitForExit() == .code(0))
        #expect(child.lines(.output).contains("Allow: DELETE, GET, HEAD, OPTIONS\r"), "\(child.transcript)")
    }

    @Test
    func oneConnectionServesManyURLs() throws {
        let url = "http://\(stack.gateway.address)"
        let report = ["-o", "/dev/null", "-w", "%{http_code} %{num_connects}\n"]
        let targets = ["/v1/jobs/a", "/nope", "/v1/jobs/b"].flatMap { report + [url + $0] }
        let child = try ChildProcess("/usr/bin/curl", ["-sS"] + targets)
        child.closeInput()
        #expect(try child.waitForExit() == .code(0), "\(child.transcript)")
        #expect(child.lines(.output) == ["200 1", "404 0", "200 0"])
    }

    @Test
    func compressedAnswersAndUnixSockets() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/gateway"
        let upstream = try ScriptedUpstream()
        let id = String(repeating: "a", count: 3000)
        upstream.on(MLTraining.getJob, .answer(MLTraining.job(id: id)))
        let gateway = try GatewayProcess(upstream: "http://\(upstream.address)", listen: "unix:\(path)")
        let answer = try Curl.run(["--compressed", "--unix-socket", path, "http://localhost/v1/jobs/a"])
        #expect(answer.status == 200)
        #expect(answer.headers["content-encoding"] == "gzip")
        #expect(answer.json["id"] == .string(id))
        #expect(try gateway.stop() == .code(0))
        upstream.stop()
    }
}
