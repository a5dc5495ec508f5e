internal import HTTPServer

// One name each, for metrics, logs and Server-Timing alike.

extension RequestRecord.Phase {
    var name: String {
        switch self {
        case .receive: "request"
        case .gateway: "gateway"
        case .signIn: "signin"
        case .queue: "queue"
        case .upstream: "upstream"
        case .send: "send"
        }
    }
}

extension RequestRecord.Culprit {
    var name: String {
        switch self {
        case .client: "client"
        case .gateway: "gateway"
        case .network: "network"
        case .upstream: "upstream"
        }
    }
}
