import GatewayTesting
import Testing

/// The clients that `mltraining-gateway typescript` prints, compiled and run by Node against real gateways.
@Suite(.sharedTypeScriptProject, .enabled(if: TypeScriptProject.isInstalled))
struct TypeScriptTests {
    @Test
    func aJobFromItsSubmissionToItsDeletion() throws {
        let stack = try LocalStack(trainingDuration: 2)
        let passed = try SharedTypeScriptProject.current.run("training", stack.gateway.address)
        #expect(passed.last?.hasPrefix("passed: ") == true)
        try stack.stop()
    }

    /// The lines of docs/typescript.md.
    @Test
    func theGuide() throws {
        let stack = try LocalStack()
        let lines = try SharedTypeScriptProject.current.run("guide", stack.gateway.address)
        #expect(lines.contains { $0.hasPrefix("TRAINING_STATUS_") && $0.hasSuffix(" cat") }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("201 true ") }, "\(lines)")
        #expect(lines.contains("as before"), "\(lines)")
        #expect(lines.contains { $0.hasPrefix("404 NOT_FOUND ") }, "\(lines)")
        try stack.stop()
    }

    @Test
    func streamsAndBytes() throws {
        let stack = try FeedStack()
        stack.upstream.on("/feed.v1.Feed/Watch") { request in TypeScriptTests.watch(request) }
        stack.upstream.on("/feed.v1.Feed/GetFile") { request in
            guard request.messages.first != ProtobufFixture.message({ $0.string(1, "silent") }) else { return .silence }
            return .answer(FeedStack.httpBody("image/png", TypeScriptTests.png))
        }
        stack.on("GetAttachment", .answer(ProtobufFixture.message { $0.bytes(2, FeedStack.httpBody("a/b", Self.png)) }))
        stack.on(
            "Download",
            [
                .grpcHeaders(), .message(FeedStack.httpBody("a/b", [1, 2])), .message(FeedStack.httpBody("", [3, 4])),
                .grpcTrailers(),
            ]
        )
        stack.on("PutFile", .answer(ProtobufFixture.message { $0.varint(1, Int64(9_007_199_254_740_993)) }))
        stack.upstream.on("/feed.v1.Feed/Render") { .answer($0.messages.first ?? []) }
        let passed = try SharedTypeScriptProject.current.run("feed", stack.gateway.address)
        #expect(passed.last?.hasPrefix("passed: ") == true)

        let files = stack.upstream.requests(for: "/feed.v1.Feed/PutFile").compactMap(\.messages.first)
        let sent = [("image/png", [1, 2, 255]), ("application/octet-stream", [3])] as [(String, [UInt8])]
        for (file, content) in zip(files, sent) {
            #expect(
                TypeScriptTests.has(
                    ProtobufFixture.message { $0.bytes(2, FeedStack.httpBody(content.0, content.1)) },
                    file
                )
            )
        }
        #expect(files.count == 2)
        // Both streams that never end have been given up.
        let endless = stack.upstream.waitForRequests { requests in requests.filter { $0.resetCode != nil }.count >= 2 }
        #expect(endless.compactMap(\.resetCode).contains(.cancel))
        try stack.stop()
    }

    @Test
    func requestsOfEveryShape() throws {
        let upstream = try ScriptedUpstream()
        let gateway = try GatewayProcess(
            upstream,
            ["--auto-map", "--descriptor-set", TypeScriptProject.oddDescriptorSet]
        )
        for method in ["Search", "Inherit", "Dot", "UpdateItem", "constructor", "then", "delete"] {
            upstream.on("/odd.v1.Oddities/\(method)", .answer([]))
        }
        for method in ["Echo", "SetValue"] {
            upstream.on("/odd.v1.Oddities/\(method)") { .answer($0.messages.first ?? []) }
        }
        upstream.on("/odd.v1.Oddities/GetItem") { request in
            // Nothing for the one that asks for the time.
            let isTime = request.messages.first == ProtobufFixture.message { $0.string(1, "x") }
            return .answer(isTime ? [] : ProtobufFixture.message { $0.string(1, "echo") })
        }
        let passed = try SharedTypeScriptProject.current.run("odd", gateway.address)
        #expect(passed.last?.hasPrefix("passed: ") == true)

        let names = upstream.requests(for: "/odd.v1.Oddities/GetItem").compactMap(\.messages.first).prefix(3)
        // Of several segments `%2F` stays as it is.
        #expect(
            Array(names)
                == ["shelves/1/items/a b:c", "a/b%2Fc/d", "a/b/c"].map { name in
                    ProtobufFixture.message { $0.string(1, name) }
                }
        )
        let search = try #require(upstream.requests(for: "/odd.v1.Oddities/Search").first?.messages.first)
        let (fields, filter) = (TypeScriptTests.searchFields, TypeScriptTests.filterFields)
        for part in fields + filter { #expect(TypeScriptTests.has(part, search), "\(part)") }
        #expect(search.count == fields.joined().count + 2 + filter.joined().count)
        #expect(try gateway.stop() == .code(0))
        #expect(upstream.violations.isEmpty)
        upstream.stop()
    }

    // MARK: What the upstream does

    private static let png: [UInt8] = [0x89, 0x50, 0, 255, 10]

    private static func watch(_ request: RecordedRequest) -> Script {
        let first = Script.Step.message(FeedStack.event("1"))
        let scripts: [String: Script] = [
            "two": [.grpcHeaders(), first, .message(FeedStack.event("2", note: "a\nb")), .grpcTrailers()],
            "none": [.grpcHeaders(), .grpcTrailers()],
            "refused": .status(7, "not you"),
            "fail": [.grpcHeaders(), first, .grpcTrailers(8, "enough")],
            "endless": [.grpcHeaders(), first],
        ]
        let topic = scripts.first { topic, _ in
            request.messages.first == ProtobufFixture.message { $0.string(1, topic) }
        }
        return topic?.value ?? .status(3)
    }

    /// The fields of what `odd.ts` searches for.
    private static let searchFields: [[UInt8]] = [
        ProtobufFixture.message { $0.string(1, "shelves/a b%2Fc") },
        ProtobufFixture.message { search in
            search.message(3) { entry in
                entry.string(1, "x.y")
                entry.string(2, "1")
            }
        },
        ProtobufFixture.message { search in
            search.message(3) { entry in
                entry.string(1, "[")
                entry.string(2, "")
            }
        },
        ProtobufFixture.message { $0.bytes(4, [1, 2]) },
        ProtobufFixture.message { search in
            search.message(5) { time in
                time.varint(1, Int64(1))
                time.varint(2, Int64(500_000_000))
            }
        },
        ProtobufFixture.message { $0.bytes(6, [0, 255]) },
        ProtobufFixture.message { search in search.message(11) { $0.double(1, 0.5) } },
        ProtobufFixture.message { $0.varint(12, Int64(9_007_199_254_740_993)) },
    ]

    /// Those of its field 2.
    private static let filterFields: [[UInt8]] = [
        ProtobufFixture.message { $0.string(1, "ä&=+") },
        ProtobufFixture.message { filter in
            filter.message(2) { without in
                without.message(3) { entry in
                    entry.varint(1, Int64(1))
                    entry.bool(2, true)
                }
            }
        },
        ProtobufFixture.message { filter in
            filter.message(4) { mask in
                mask.string(1, "a")
                mask.string(1, "b_c")
            }
        },
    ]

    /// Whether `field` is somewhere in `message`.
    private static func has(_ field: [UInt8], _ message: [UInt8]) -> Bool {
        message.indices.contains { message[$0...].starts(with: field) }
    }
}
