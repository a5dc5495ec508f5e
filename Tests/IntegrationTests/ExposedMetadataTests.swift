import GatewayTesting
import Testing

/// Upstream's metadata as headers of answers.
@Suite
struct ExposedMetadataTests {
    private static let option = ["--expose-metadata", "X-Quota,key-bin", "--expose-metadata", "x-late"]

    @Test
    func initialAndTrailingMetadataComesBack() throws {
        let stack = try ScriptedStack(ExposedMetadataTests.option)
        let answer = try stack.answer(
            to: .answer(
                MLTraining.job(id: "a"),
                headers: ["x-quota": "7", "x-quota": "6", "key-bin": "AP8", "x-secret": "s", "server": "s"],
                trailers: ["x-late": "1", "x-quota": "5"]
            )
        )
        #expect(answer.status == 200)
        #expect(answer.headers.values("x-quota") == ["7", "6", "5"])
        #expect(answer.headers.values("key-bin") == ["AP8="])
        #expect(answer.headers.values("x-late") == ["1"])
        #expect(answer.headers["x-secret"] == nil)
        #expect(answer.headers["server"] == nil)
        try stack.stop()
    }

    @Test
    func onErrorsToo() throws {
        let stack = try ScriptedStack(ExposedMetadataTests.option)
        for script: Script in [
            .status(8, "enough", headers: ["x-quota": "0"]),
            [.grpcHeaders(["x-quota": "0"]), .grpcTrailers(8, "enough", ["x-late": "2"])],
        ] {
            let answer = try stack.answer(to: script)
            #expect(answer.status == 429)
            #expect(answer.headers.values("x-quota") == ["0"])
        }
        // What the gateway refuses by itself has nothing to expose.
        #expect(try stack.gateway.get("/nowhere").headers["x-quota"] == nil)
        try stack.stop()
    }

    @Test
    func whatIsNoHeaderOrNoBase64IsLeftOut() throws {
        let stack = try ScriptedStack(ExposedMetadataTests.option)
        let headers = HeaderList([
            HeaderField("x-quota", bytes: [0x61, 0xFF]), HeaderField("key-bin", "!"),
            HeaderField("x-late", String(repeating: "v", count: 2000)), HeaderField("x-quota", "1"),
        ])
        let answer = try stack.answer(to: .answer(MLTraining.job(id: "a"), headers: headers))
        #expect(answer.status == 200)
        #expect(answer.headers.values("x-quota") == ["1"])
        #expect(answer.headers["key-bin"] == nil)
        #expect(answer.headers["x-late"] == nil)
        try stack.stop()
    }

    /// A request's header as large as it may be leaves room for all that an answer may get.
    @Test
    func thereIsRoomForIt() throws {
        let stack = try ScriptedStack(ExposedMetadataTests.option)
        let quota = String(repeating: "q", count: 500)
        let target = stack.target(for: .answer(MLTraining.job(id: "a"), headers: ["x-quota": quota, "x-late": quota]))
        let id = String(repeating: "i", count: 128)
        var statuses: Set<Int> = []
        for length in stride(from: 13_000, through: 14_400, by: 50) {
            let filler = String(repeating: "f", count: length)
            let answer = try stack.gateway.get(target, headers: ["X-Filler": filler, "X-Request-Id": id])
            statuses.insert(answer.status)
            if answer.status == 200 { #expect(answer.headers["x-late"] == quota) }
        }
        #expect(statuses == [200, 431])
        try stack.stop()
    }

    @Test
    func nothingComesBackUnasked() throws {
        let stack = try ScriptedStack()
        let script = Script.answer(MLTraining.job(id: "a"), headers: ["x-quota": "7"], trailers: ["x-late": "1"])
        let answer = try stack.answer(to: script)
        #expect(answer.headers["x-quota"] == nil)
        #expect(answer.headers["x-late"] == nil)
        try stack.stop()
    }

    /// The header of a stream is sent before its trailers are known.
    @Test
    func aStreamHasTheInitialOnes() throws {
        let stack = try FeedStack(ExposedMetadataTests.option)
        stack.on(
            "Watch",
            [
                .grpcHeaders(["x-quota": "7"]), .message(FeedStack.event("1")), .message(FeedStack.event("2")),
                .grpcTrailers(0, nil, ["x-late": "1"]),
            ]
        )
        let answer = try stack.get("/v1/events")
        #expect(answer.status == 200)
        #expect(answer["x-quota"] == "7")
        #expect(answer["x-late"] == nil)
        // Without a message, or with an error, there is still time for both.
        stack.on("Watch", [.grpcHeaders(["x-quota": "7"]), .grpcTrailers(0, nil, ["x-late": "1"])])
        #expect(try stack.get("/v1/events")["x-late"] == "1")
        stack.on("Watch", [.grpcHeaders(["x-quota": "7"]), .grpcTrailers(5, "no", ["x-late": "1"])])
        let failed = try stack.get("/v1/events")
        #expect(failed.status == 404)
        #expect(failed["x-quota"] == "7")
        #expect(failed["x-late"] == "1")
        try stack.stop()
    }

    @Test(arguments: ["", "x-a,", "a b", ":path", "Content-Length", "grpc-status", "Connection", "X-Request-Id"])
    func aNameThatCannotBeExposedIs64(names: String) throws {
        let process = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            ["serve", "--listen", "127.0.0.1:0", "--expose-metadata", names]
        )
        #expect(try process.waitForExit() == .code(64))
        #expect(process.lines(.error).first?.hasPrefix("Error: --expose-metadata: ") == true, "\(process.transcript)")
    }
}
