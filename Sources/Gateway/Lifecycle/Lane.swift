internal import EventLoop
internal import GRPCChannel
internal import Logging
internal import RPCCore

/// One worker's way to upstream under one ``Generation``: a channel, and the pipeline that makes calls on it.
final class Lane {
    let generation: Generation
    let channel: GRPCChannel
    let pipeline: RequestPipeline

    init(_ generation: Generation, _ context: LaneContext) throws(GatewayError) {
        self.generation = generation
        let configuration = generation.configuration
        let channel = GRPCChannel(
            loop: context.loop,
            configuration: configuration.channel,
            statistics: context.observer.metrics.channel
        )
        do {
            pipeline = RequestPipeline(
                api: generation.api,
                configuration: configuration,
                channel: channel,
                signIn: try SignIn(
                    generation.signIn,
                    channel: channel,
                    configuration: configuration,
                    metrics: context.observer.metrics,
                    on: context.loop
                ),
                context: context
            )
        } catch {
            channel.close()
            throw GatewayError("\(error)")
        }
        self.channel = channel
        let logger = configuration.logger
        channel.onRetry = { path, retries, reason in
            logger.debug(
                "a call is made anew",
                metadata: ["method": "\(path.dropFirst())", "retry": "\(retries)", "after": "\(reason.code)"]
            )
        }
    }

    /// Whether all requests that came this way have their answer, or all that it takes from upstream.
    var isDone: Bool { channel.callsInProgress == 0 && !pipeline.hasWaitingRequests }

    /// Ends calls and connections, and answers the requests that wait; idempotent.
    func close() {
        channel.close()
        pipeline.close()
    }
}
