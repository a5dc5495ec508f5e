import LocalTraining
import NIOCore
import NIOPosix
import NIOSSL

/// A client that says nothing once it is connected, and waits for what the server does.
final class TLSProbe: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    enum Outcome: Equatable {
        /// The server sent something: the SETTINGS that every HTTP/2 connection begins with.
        case served
        case closed
    }

    private let outcome: EventLoopPromise<Outcome>

    private init(_ outcome: EventLoopPromise<Outcome>) {
        self.outcome = outcome
    }

    static func connect(to address: ListenAddress, _ configuration: TLSConfiguration) async throws -> Outcome {
        let context = try NIOSSLContext(configuration: configuration)
        let outcome = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Outcome.self)
        let bootstrap = ClientBootstrap(group: outcome.futureResult.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let tls = try NIOSSLClientHandler(context: context, serverHostname: "localhost")
                    try channel.pipeline.syncOperations.addHandlers([tls, TLSProbe(outcome)])
                }
            }
        do {
            let channel = try await bootstrap.connect(host: address.host, port: address.port).get()
            let result = try await outcome.futureResult.get()
            try? await channel.close()
            return result
        } catch {
            outcome.fail(error)
            throw error
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        outcome.succeed(.served)
    }

    func channelInactive(context: ChannelHandlerContext) {
        outcome.succeed(.closed)
    }

    /// A handshake that failed; the connection goes down with it.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
