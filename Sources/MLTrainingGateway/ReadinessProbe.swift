import EventLoop
import Gateway

/// Asks a gateway that runs with the same options whether it should be sent requests, as probes of containers do.
enum ReadinessProbe {
    /// Seconds for each step.
    private static let timeout = 3

    /// What `/readyz` of the admin listener at `address` says, where it says yes.
    ///
    /// Throws for everything else: the words go to whoever looks why a container is not used.
    static func ask(_ address: SocketAddress?) throws(GatewayError) -> String {
        guard let address else { throw GatewayError("--ready asks the admin listener, and --admin-listen is off") }
        guard address.port != 0 else { throw GatewayError("--ready needs an --admin-listen whose port is known") }
        let request = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        let answer: [UInt8]
        do {
            answer = try address.exchange(Array(request.utf8), limit: 1 << 20, timeout: timeout)
        } catch {
            throw GatewayError("the gateway's admin listener at \(address) does not answer: \(error)")
        }
        let text = String(decoding: answer, as: UTF8.self)
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
        let words = text.prefix { $0 != "\r\n" }.split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw GatewayError("what listens at \(address) is no gateway")
        }
        let body = parts.count == 2 ? String(parts[1]) : ""
        guard status == 200 else { throw GatewayError("not ready (\(status)): \(body)") }
        return body
    }
}
