import GatewayTesting
import Glibc
import Testing

/// A gateway that serves `Resources/feed.proto` in front of a scripted upstream.
final class FeedStack: Sendable {
    static let descriptorSet = #filePath.replacing("Support/FeedStack.swift", with: "Resources/feed.binpb")

    let upstream: ScriptedUpstream
    let gateway: GatewayProcess

    init(_ arguments: [String] = []) throws {
        upstream = try ScriptedUpstream()
        gateway = try GatewayProcess(upstream, ["--descriptor-set", FeedStack.descriptorSet] + arguments)
    }

    /// Has the upstream meet calls of `method` with `script`.
    func on(_ method: String, _ script: Script) {
        upstream.on("/feed.v1.Feed/\(method)", script)
    }

    /// The answer to a GET, whatever its type.
    func get(_ target: String, accept: String? = nil, headers: HeaderList = [:]) throws -> RawHTTPResponse {
        let accept: HeaderList = accept.map { ["Accept": $0] } ?? [:]
        return try gateway.client().get(target, headers: accept + headers)
    }

    /// Waits until the upstream has seen its only call given up, and says with which code.
    func resetCode(within limit: Duration = .seconds(5)) -> HTTP2ErrorCode? {
        upstream.waitForRequests(timeout: limit) { $0.first?.resetCode != nil }.first?.resetCode
    }

    func stop() throws {
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        #expect(upstream.violations.isEmpty)
        upstream.stop()
    }

    // MARK: Messages

    static func event(_ id: String, note: String? = nil) -> [UInt8] {
        ProtobufFixture.message { event in
            event.string(1, id)
            if let note { event.message(2) { $0.string(1, note) } }
        }
    }

    /// A `google.api.HttpBody`.
    static func httpBody(_ contentType: String, _ data: [UInt8]) -> [UInt8] {
        ProtobufFixture.message { body in
            body.string(1, contentType)
            body.bytes(2, data)
        }
    }
}
