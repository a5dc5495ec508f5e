package import GRPCCore
import GRPCProtobuf
package import Logging

/// Turns what no handler meant to throw, such as a full disk, into an INTERNAL error and a line in the log.
///
/// The client learns that it is the server's fault, and none of the server's inner life.
package struct UnexpectedErrorInterceptor: ServerInterceptor {
    private let logger: Logger

    package init(logger: Logger) {
        self.logger = logger
    }

    package func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingServerRequest<Input>,
        context: ServerContext,
        next:
            @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
        do {
            return try await next(request, context)
        } catch let error as RPCError {
            throw error
        } catch let error as GoogleRPCStatus {
            throw error
        } catch is CancellationError {
            throw RPCError(code: .cancelled, message: "the call was cancelled")
        } catch {
            logger.error("call failed", metadata: ["method": "\(context.descriptor)", "error": "\(error)"])
            throw RPCError(code: .internalError, message: "the service failed; its log says why")
        }
    }
}
