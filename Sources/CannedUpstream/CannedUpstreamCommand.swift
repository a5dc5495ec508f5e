import ArgumentParser
import GatewayTesting
import Glibc

/// `canned-upstream`: the far end of the benchmarks.
@main
struct CannedUpstreamCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "canned-upstream",
        abstract: "Gives each gRPC path the same answer, over HTTP/2, on one thread.",
        discussion: "Paths that are not named are answered UNIMPLEMENTED. Ends on SIGTERM or SIGINT."
    )

    @Option(help: "Where to listen; port 0 lets the system choose.")
    var listen = "127.0.0.1:0"

    @Option(name: .customLong("answer"), help: "PATH=FILE: answers PATH with the serialized message in FILE.")
    var answers: [String] = []

    @Option(
        name: .customLong("status"),
        help: "PATH=CODE[,MESSAGE[,FILE]]: fails PATH, with the serialized google.rpc.Status in FILE as details."
    )
    var statuses: [String] = []

    @Option(name: .customLong("delay"), help: "Milliseconds for which each answer is held back.")
    var delayMilliseconds: Int?

    @Option(help: "PEM file of a certificate: listens for TLS on a port that the system chooses; needs --tls-key.")
    var tlsCert: String?

    @Option(help: "PEM file of the key of --tls-cert.")
    var tlsKey: String?

    func run() throws {
        let stop = try SignalDescriptor([SIGTERM, SIGINT])
        let upstream = try CannedUpstream(
            port: port(),
            answers: answers.map(answer) + statuses.map(status),
            delay: delay()
        )
        let front = try front(of: upstream)
        // Whoever waits for this line reads it from a pipe.
        print("canned-upstream listening on 127.0.0.1:\(front?.port ?? upstream.port)")
        fflush(nil)
        upstream.run(until: stop)
        front?.stop()
    }

    private func front(of upstream: CannedUpstream) throws -> TLSFront? {
        guard let tlsCert, let tlsKey else {
            if tlsCert != nil || tlsKey != nil { throw ValidationError("--tls-cert and --tls-key come together") }
            return nil
        }
        let identity = TestIdentity(certificate: try FileBytes.read(tlsCert), key: try FileBytes.read(tlsKey))
        return try TLSFront(to: upstream.port, TLSFrontOptions(identity))
    }

    private func port() throws -> UInt16 {
        let prefix = "127.0.0.1:"
        guard listen.hasPrefix(prefix), let port = UInt16(listen.dropFirst(prefix.count)) else {
            throw ValidationError("--listen wants 127.0.0.1:PORT, not \(listen)")
        }
        return port
    }

    private func delay() throws -> Duration? {
        guard let delayMilliseconds else { return nil }
        guard (0...600_000).contains(delayMilliseconds) else {
            throw ValidationError("--delay wants milliseconds, at most 600000, not \(delayMilliseconds)")
        }
        return .milliseconds(delayMilliseconds)
    }

    private func answer(_ text: String) throws -> CannedAnswer {
        let (path, file) = try split(text)
        return CannedAnswer(path: path, message: try FileBytes.read(file))
    }

    private func status(_ text: String) throws -> CannedAnswer {
        let (path, rest) = try split(text)
        let parts = rest.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard let code = Int(parts[0]) else { throw ValidationError("\(parts[0]) is not a status code") }
        return CannedAnswer(
            path: path,
            status: code,
            message: parts.count > 1 ? parts[1] : "",
            details: parts.count > 2 ? try FileBytes.read(parts[2]) : []
        )
    }

    private func split(_ text: String) throws -> (path: String, rest: String) {
        guard text.hasPrefix("/"), let separator = text.firstIndex(of: "=") else {
            throw ValidationError("\(text) is not of the form /pkg.Service/Method=…")
        }
        return (String(text[..<separator]), String(text[text.index(after: separator)...]))
    }
}
