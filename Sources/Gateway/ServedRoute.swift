internal import GRPCChannel
internal import HTTPRules
internal import ProtobufSchema
internal import RPCCore
internal import Transcoding

/// A route with what a worker prepares for it once.
final class ServedRoute {
    let route: Route
    let method: PreparedMethod
    /// What metrics call the route, and the gRPC method.
    let label: Int
    let methodLabel: Int
    /// Where what it makes is found; nil where it makes nothing that has a place.
    let location: LocationTemplate?
    /// Answers can be kept by clients and asked for again (GET, and HEAD with it).
    let isRead: Bool
    /// Its answers have an `ETag`, so that conditions on it can be evaluated.
    var hasTag: Bool { isRead && !route.isServerStreaming }
    /// The request's content goes upstream as it is, in a `google.api.HttpBody`.
    let takesHTTPBody: Bool
    /// The answer is the bytes of a `google.api.HttpBody`.
    let answersHTTPBody: Bool
    /// That HttpBody, where it is not the whole response.
    let httpBodyField: FieldInfo?

    init(
        _ route: Route,
        location: LocationTemplate?,
        schema: Schema,
        channel: GRPCChannel,
        metrics: WorkerMetrics
    ) {
        label = metrics.route(route.template.description)
        methodLabel = metrics.method("\(route.service)/\(route.method)")
        self.location = location
        self.route = route
        method = channel.prepare(
            MethodDescriptor(
                service: route.service,
                method: route.method,
                isSafeToRepeat: route.isSafeToRepeat,
                isServerStreaming: route.isServerStreaming
            )
        )
        isRead = route.httpMethod == .get || route.httpMethod == .head
        takesHTTPBody = route.takesHTTPBody(schema)
        answersHTTPBody = route.answersHTTPBody(schema)
        httpBodyField = answersHTTPBody ? route.responseBody.map { schema[$0] } : nil
    }
}
