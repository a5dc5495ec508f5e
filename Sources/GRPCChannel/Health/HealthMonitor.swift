internal import Bytes
internal import EventLoop
internal import RPCCore

/// Asks the server of one connection how it is, for as long as the connection takes calls (gRFC A17).
///
/// Each connection has its own, since one address may be that of several servers. Its calls are the connection's own:
/// they have no deadline but a time for the first answer, the channel never makes them again, they count neither as
/// calls nor for ``RetryThrottle``, carry no metadata, and a connection that drains or closes does not wait for them. Where
/// the operator asks for pings (``Keepalive``), an open watch is reason enough for them: a server that said SERVING and
/// is gone without a word would otherwise be taken for well until the next call.
///
/// Where A17 leaves something open or would do harm:
/// - A watch takes one of the streams that the server allows at a time, and leaves none of one. A server that allows few
///   is asked by `Check` instead, every ``GRPCChannel/Configuration/healthCheckPeriod``, by a call that is over at once
///   and goes before others when a stream becomes free; also where the limit sinks while a watch is open.
/// - A server that is not serving is asked anew at the same pace, watch or not. It gets no calls, so nobody would notice
///   that the connection is dead, and it would be waited for in vain.
/// - A server that does not answer at all loses its connection, unless that has calls; and so does one that for as long
///   allows no stream to ask on.
/// - A watch that ends within a second of its start is a failure, answered or not, so that no two sides keep each other busy.
final class HealthMonitor {
    /// Unowned: the connection closes its monitor before it goes.
    private unowned let connection: HTTP2Connection
    private let service: String
    private var check: HealthCheck
    private var call: HealthCall?
    private var method = HealthCheck.Method.watch
    private var timer: LoopTimer?
    /// The server is to be asked as soon as it allows a stream.
    private(set) var waitsForStream = false
    /// When the server is asked anew, as far as that is known.
    private(set) var nextCheck: Deadline

    init(of connection: HTTP2Connection, service: String) {
        self.connection = connection
        self.service = service
        let configuration = connection.channel.configuration
        check = HealthCheck(
            service: service,
            period: configuration.healthCheckPeriod,
            backoff: configuration.backoff
        )
        nextCheck = connection.channel.loop.now()
        // A cycle that close() breaks.
        timer = LoopTimer(on: connection.channel.loop) { self.timerFired() }
    }

    var verdict: HealthCheck.Verdict { check.verdict }

    /// Asks the server, now or as soon as it allows one more stream.
    func ask() {
        dropCall()
        method = HealthCheck.method(forLimit: connection.streamLimit)
        setWaiting(!connection.hasFreeStream)
        let channel = connection.channel
        wake(after: channel.configuration.healthCheckTimeout)
        guard !waitsForStream else { return }
        check.asked(method, at: channel.loop.now())
        var message = ByteBuffer()
        MessageFraming.reservePrefix(&message)
        ServingStatus.appendRequest(for: service, to: &message)
        let call = HealthCall(method == .watch ? channel.healthWatch : channel.healthCheck, message: message)
        call.monitor = self
        self.call = call
        connection.startOwn(call)
    }

    /// A stream has ended, or the server allows more.
    func streamMayBeFree() {
        guard waitsForStream, connection.hasFreeStream else { return }
        ask()
    }

    /// The server allows another number of streams.
    func limitChanged() {
        if waitsForStream { return streamMayBeFree() }
        guard call != nil, method == .watch, HealthCheck.method(forLimit: connection.streamLimit) == .check else {
            return
        }
        ask()
    }

    /// Asks no more; idempotent.
    func close() {
        timer?.close()
        timer = nil
        waitsForStream = false
        dropCall()
    }

    // MARK: - News

    fileprivate func received(_ message: UnsafeRawBufferPointer) {
        let status = ServingStatus(response: message)
        let next = check.answered(status)
        if status == nil, method == .watch { dropCall() }
        settle(next)
    }

    fileprivate func ended(_ outcome: CallOutcome) {
        call = nil
        settle(check.ended(outcome.status, at: connection.channel.loop.now()))
    }

    private func timerFired() {
        guard !waitsForStream else { return waitedForStream() }
        guard call != nil, !check.isAnswered else { return ask() }
        let channel = connection.channel
        let next = check.timedOut(after: channel.configuration.healthCheckTimeout)
        dropCall()
        guard !connection.hasCalls, case .notServing(let reason) = check.verdict else { return settle(next) }
        // There may be nobody any more, and a new connection would show it.
        connection.close("the upstream \(reason)", origin: .network)
    }

    /// The server has allowed no stream for as long as an answer may take.
    private func waitedForStream() {
        let timeout = connection.channel.configuration.healthCheckTimeout
        // Calls have the streams, and their ends or deadlines bring one.
        guard !connection.hasCalls else { return wake(after: timeout) }
        let seconds = Double(timeout) / 1e9
        connection.close("the upstream allows no stream for its health check within \(seconds) s", origin: .network)
    }

    private func settle(_ next: HealthCheck.Next) {
        switch next {
        case .goOn: return
        case .rest: timer?.stop()
        case .ask(let wait): wake(after: wait)
        }
        connection.healthChanged()
    }

    private func wake(after wait: UInt64) {
        nextCheck = connection.channel.loop.now().advanced(by: wait)
        timer?.start(afterMilliseconds: wait == 0 ? 0 : wait / 1_000_000 + 1)
    }

    private func setWaiting(_ isWaiting: Bool) {
        waitsForStream = isWaiting
        // No calls, as they would take the stream, or all streams again.
        connection.updateLimit()
    }

    private func dropCall() {
        guard let call else { return }
        self.call = nil
        call.monitor = nil
        call.cancel()
    }
}

/// One call that asks for a server's health.
private final class HealthCall: ClientCall {
    /// Nil once the monitor has no use for the call any more.
    var monitor: HealthMonitor?

    init(_ method: PreparedMethod, message: consuming ByteBuffer) {
        super.init(method: method, message: message)
    }

    override func didReceive(message: UnsafeRawBufferPointer) {
        monitor?.received(message)
    }

    override func didClose() {
        let monitor = monitor
        self.monitor = nil
        if let outcome { monitor?.ended(outcome) }
    }
}

extension GRPCChannel {
    /// Largest answer of a health service that is accepted, in bytes: an honest one has two.
    private static let maxHealthBytes = 4096

    static func prepareHealth(_ name: String, isStreaming: Bool, _ configuration: Configuration) -> PreparedMethod {
        PreparedMethod(
            MethodDescriptor(service: "grpc.health.v1.Health", method: name, isServerStreaming: isStreaming),
            configuration: configuration,
            maxMessageBytes: maxHealthBytes
        )
    }
}
