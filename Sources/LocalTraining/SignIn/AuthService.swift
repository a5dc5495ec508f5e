package import GRPCCore
package import Logging
package import MLTrainingMessages
import SwiftProtobuf

/// Answers `proto.rpc.v1.AuthService/Authenticate`: an API key for an access token.
package struct AuthService: Proto_Rpc_V1_AuthService.ServiceProtocol {
    private static let credentialsType = "api-key"

    private let keys: APIKeys
    private let tokens: AccessTokens
    private let logger: Logger

    package init(keys: APIKeys, tokens: AccessTokens, logger: Logger) {
        self.keys = keys
        self.tokens = tokens
        self.logger = logger
    }

    package func authenticate(
        request: ServerRequest<Proto_Rpc_V1_AuthenticateRequest>,
        context: ServerContext
    ) async throws -> ServerResponse<Proto_Rpc_V1_AuthenticateResponse> {
        // As in Viam's own server: the request itself is wrong, whatever the token that it carries.
        guard !request.metadata.contains(where: { $0.key == "authorization" }) else {
            throw RPCError(code: .invalidArgument, message: "already signed in: authorization metadata is not allowed")
        }
        let message = request.message
        try Self.check(message)
        // Both cases with one message: who guesses does not learn which key ids there are.
        guard keys.isValid(message.credentials.payload, for: message.entity) else {
            throw RPCError(code: .unauthenticated, message: "invalid API key")
        }
        let token = try tokens.issue(to: message.entity)
        logger.info("signed in \(message.entity)")
        return ServerResponse(message: .with { $0.accessToken = token })
    }

    private static func check(_ message: Proto_Rpc_V1_AuthenticateRequest) throws {
        var check = RequestCheck()
        check.require("entity", message.entity)
        if !message.hasCredentials {
            check.violate("credentials", "is required", reason: "REQUIRED")
        } else {
            if message.credentials.type != credentialsType {
                check.violate("credentials.type", "has to be \(credentialsType)", reason: "UNKNOWN_VALUE")
            }
            check.require("credentials.payload", message.credentials.payload)
        }
        try check.finish()
    }
}
