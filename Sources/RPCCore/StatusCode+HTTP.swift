extension StatusCode {
    /// What an HTTP answer without `grpc-status` means (grpc/doc/http-grpc-status-mapping.md, and 431).
    package init(ofHTTPStatus status: Int) {
        switch status {
        case 400, 431: self = .internalError
        case 401: self = .unauthenticated
        case 403: self = .permissionDenied
        case 404: self = .unimplemented
        case 429, 502, 503, 504: self = .unavailable
        default: self = .unknown
        }
    }
}
