package import GRPCCore

/// Lets a call through if it carries an access token, or if its service is open to everybody.
package struct AccessTokenInterceptor: ServerInterceptor {
    private let tokens: AccessTokens
    private let openServices: Set<String>

    /// Makes one that asks for a token of `tokens`, but for the services of the given full names.
    package init(tokens: AccessTokens, openServices: Set<String>) {
        self.tokens = tokens
        self.openServices = openServices
    }

    package func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingServerRequest<Input>,
        context: ServerContext,
        next:
            @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
        if !openServices.contains(context.descriptor.service.fullyQualifiedService) {
            do throws(TokenRefusal) {
                try tokens.check(authorization: request.metadata[stringValues: "authorization"])
            } catch {
                throw RPCError(code: .unauthenticated, message: error.message)
            }
        }
        return try await next(request, context)
    }
}
