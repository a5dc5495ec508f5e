import EventLoop
import GRPCChannel
import GatewayTesting
import Glibc
import RPCCore

/// A channel with the loop that a worker would give it: flushed once a turn, right before polling.
final class TestClient {
    let loop: EventLoop
    let channel: GRPCChannel
    private let hook: TurnHook

    init(
        targets: [String],
        _ configure: (inout GRPCChannel.Configuration) -> Void = { _ in }
    ) throws {
        // As the gateway does: a server that is gone is an error of one write.
        signal(SIGPIPE, SIG_IGN)
        var configuration = GRPCChannel.Configuration(targets: try targets.map { try ChannelTarget($0) })
        configuration.backoff.initial = 5_000_000
        configuration.backoff.maximum = 20_000_000
        configure(&configuration)
        loop = try EventLoop()
        let channel = GRPCChannel(loop: loop, configuration: configuration)
        self.channel = channel
        hook = TurnHook(on: loop) { _ in channel.flush() }
    }

    convenience init(
        target: String,
        _ configure: (inout GRPCChannel.Configuration) -> Void = { _ in }
    ) throws {
        try self.init(targets: [target], configure)
    }

    /// A channel to each of `upstreams`.
    convenience init(
        _ upstreams: ScriptedUpstream...,
        configure: (inout GRPCChannel.Configuration) -> Void = { _ in }
    ) throws {
        try self.init(targets: upstreams.map { "http://\($0.address)" }, configure)
    }

    deinit {
        channel.close()
        hook.close()
        loop.close()
    }

    /// Runs the loop until `condition` holds; false if that takes longer than ten seconds.
    ///
    /// The condition is asked every other millisecond too, as it may be about the upstream, which has its own thread.
    func run(until condition: () -> Bool) -> Bool {
        let limit = deadline(after: .seconds(10))
        // Starts itself anew: a turn may run a timer that is due before it waits, and would then wait for good.
        var tick: LoopTimer?
        tick = LoopTimer(on: loop) { tick?.start(afterMilliseconds: 2) }
        tick?.start(afterMilliseconds: 2)
        defer {
            tick?.close()
            tick = nil
        }
        while !condition() {
            guard loop.now() < limit else { return false }
            loop.runOnce(waiting: true)
        }
        return true
    }

    /// Runs the loop until `calls` have ended.
    func finish(_ calls: RecordingCall...) -> Bool { finish(calls) }

    func finish(_ calls: [RecordingCall]) -> Bool {
        run { calls.allSatisfy(\.isClosed) }
    }

    /// A unary call of `path`, `/service/method`, that has been started.
    func start(
        _ path: String,
        _ message: [UInt8] = [],
        metadata: Metadata = Metadata(),
        timeout: Duration? = nil,
        isSafeToRepeat: Bool = false
    ) -> RecordingCall {
        let call = RecordingCall(
            method(path, isSafeToRepeat: isSafeToRepeat),
            message,
            metadata: metadata,
            deadline: timeout.map { deadline(after: $0) } ?? .never
        )
        channel.start(call)
        return call
    }

    /// A server-streaming call of `path` that has been started.
    func stream(_ path: String, _ onMessage: ((RecordingCall) -> Void)? = nil) -> RecordingCall {
        let call = RecordingCall(method(path, isServerStreaming: true))
        call.onMessage = onMessage
        channel.start(call)
        return call
    }

    func method(
        _ path: String,
        isServerStreaming: Bool = false,
        isSafeToRepeat: Bool = false
    ) -> PreparedMethod {
        let parts = path.split(separator: "/").map(String.init)
        return channel.prepare(
            MethodDescriptor(
                service: parts[0],
                method: parts[1],
                isSafeToRepeat: isSafeToRepeat,
                isServerStreaming: isServerStreaming
            )
        )
    }

    func deadline(after duration: Duration) -> Deadline {
        let (seconds, attoseconds) = duration.components
        return loop.now().advanced(by: UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000))
    }
}
