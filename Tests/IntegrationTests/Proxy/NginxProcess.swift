import GatewayTesting
import Glibc

/// A real nginx in front of something, its files in a folder of its own.
final class NginxProcess: Sendable {
    /// A request that it has read, of its access log.
    struct Passage: Hashable {
        /// What came back for it, nil if it was not passed on.
        let upstreamStatus: Int?
        /// What its client got.
        let status: Int
        /// As it was read, control characters escaped.
        let requestLine: String
    }

    struct Failure: Error {
        let transcript: String
    }

    static let path = "/usr/sbin/nginx"
    static var isInstalled: Bool { access(path, X_OK) == 0 }

    let process: ChildProcess
    /// `127.0.0.1:PORT`.
    let address: String
    private let folder: TemporaryFolder
    // Held until another can have the port.
    private let port: PortReservation

    /// Starts nginx in front of `upstream`, `HOST:PORT` or `unix:PATH`, and waits until it listens.
    ///
    /// `settings` are more directives for its one location.
    init(upstream: String, _ settings: [String] = []) throws {
        folder = try TemporaryFolder()
        port = try PortReservation()
        address = "127.0.0.1:\(port.port)"
        let configuration = NginxProcess.configuration(
            folder: folder.path,
            address: address,
            upstream: upstream,
            settings: settings
        )
        let file = folder.path + "/nginx.conf"
        try FileBytes.write(Array(configuration.utf8), to: file)
        process = try ChildProcess(NginxProcess.path, ["-p", folder.path, "-c", file])
        process.closeInput()
        try waitUntilItListens()
    }

    /// nginx's own defaults, but for what docs/threat-model.md has its users set, and for room for what the gateway has to
    /// refuse.
    private static func configuration(folder: String, address: String, upstream: String, settings: [String]) -> String {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        return """
            daemon off;
            master_process off;
            pid \(folder)/pid;
            error_log stderr warn;
            events { worker_connections 2048; }
            worker_rlimit_nofile 4096;
            http {
                \(temporary.map { "\($0)_temp_path \(folder)/\($0);" }.joined(separator: " "))
                log_format passages '$upstream_status|$status|$request';
                access_log \(folder)/access.log passages;
                client_max_body_size 0;
                large_client_header_buffers 4 64k;
                client_header_timeout 5s;
                client_body_timeout 5s;
                lingering_timeout 1s;
                upstream gateway { server \(upstream); keepalive 4; }
                server {
                    listen \(address);
                    location / {
                        proxy_pass http://gateway;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_set_header Host $http_host;
                        \(settings.map { $0 + ";" }.joined(separator: " "))
                    }
                }
            }

            """
    }

    private func waitUntilItListens() throws {
        let deadline = MonotonicTime.now.advanced(by: .seconds(10))
        while (try? client()) == nil {
            guard process.isRunning, MonotonicTime.now < deadline else {
                throw Failure(transcript: process.transcript)
            }
            usleep(5000)
        }
    }

    func client(timeout: Duration = .seconds(10)) throws -> RawHTTPClient {
        try RawHTTPClient(address: address, timeout: timeout)
    }

    /// What it has logged: each request whose answer is over.
    var passages: [Passage] {
        get throws {
            let log = String(decoding: try FileBytes.read(folder.path + "/access.log"), as: UTF8.self)
            return log.split(separator: "\n").map { line in
                let parts = line.split(separator: "|", maxSplits: 2, omittingEmptySubsequences: false)
                return Passage(
                    // Where it has tried more than once, the last one counts.
                    upstreamStatus: parts.first.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) },
                    status: parts.count > 1 ? Int(parts[1]) ?? 0 : 0,
                    requestLine: parts.count > 2 ? String(parts[2]) : ""
                )
            }
        }
    }

    func stop() throws {
        try process.terminate()
    }
}
