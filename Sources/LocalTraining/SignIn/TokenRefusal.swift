/// Why a call's access token is not accepted.
package enum TokenRefusal: Error, CaseIterable {
    /// There is none.
    case missing
    /// The metadata is not one `Bearer` token, or the token is no JSON Web Token.
    case malformed
    /// Another key signed it, or none: somebody else's, an earlier run's, or a forgery.
    case foreign
    /// It was good once.
    case expired

    /// What the caller is told.
    package var message: String {
        switch self {
        case .missing: "no access token: sign in with proto.rpc.v1.AuthService/Authenticate"
        case .malformed: "malformed access token: authorization has to be \"Bearer\" and one JSON Web Token"
        case .foreign: "invalid access token: it was not issued by this run of the server"
        case .expired: "expired access token: sign in again"
        }
    }
}
