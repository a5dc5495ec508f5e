internal import EventLoop
internal import GRPCChannel
internal import HTTPServer

/// One worker's way to upstream under one ``Generation``: a channel, and the pipeline that makes calls on it.
final class Lane {
    let generation: Generation
    let channel: GRPCChannel
    let pipeline: RequestPipeline

    init(_ generation: Generation, limits: SharedLimits, load: RequestLoad, on loop: EventLoop) throws(GatewayError) {
        self.generation = generation
        let configuration = generation.configuration
        let channel = GRPCChannel(loop: loop, configuration: configuration.channel)
        do {
            pipeline = RequestPipeline(
                api: generation.api,
                configuration: configuration,
                channel: channel,
                signIn: try SignIn(generation.signIn, channel: channel, configuration: configuration, on: loop),
                limits: limits,
                load: load,
                loop: loop
            )
        } catch {
            channel.close()
            throw GatewayError("\(error)")
        }
        self.channel = channel
    }

    /// Whether all requests that came this way have their answer, or all that it takes from upstream.
    var isDone: Bool { channel.callsInProgress == 0 && !pipeline.hasWaitingRequests }

    /// Ends calls and connections, and answers the requests that wait; idempotent.
    func close() {
        channel.close()
        pipeline.close()
    }
}
