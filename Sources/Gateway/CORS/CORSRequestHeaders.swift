internal import Bytes

/// The request headers that pages of other origins may set: those that the gateway looks at.
///
/// Not among them is what proxies say of the way that a request came (`Forwarded`, `X-Forwarded-*`).
enum CORSRequestHeaders {
    /// Bytes of the longest name that is allowed.
    static let maximumName = 128
    /// Bytes of the longest list that is answered.
    static let maximumList = 1024

    private static let names: Set<String> = [
        "accept", "accept-language", "authorization", "baggage", "cache-control", "content-encoding",
        "content-language", "content-type", "grpc-timeout", "if-match", "if-none-match", "prefer", "traceparent",
        "tracestate",
        "x-request-id", "x-requested-with", "x-viam-api-key", "x-viam-api-key-id",
    ]

    /// Those of a preflight's `Access-Control-Request-Headers` that are allowed, in lower case, each once.
    static func allowed(of requested: UnsafeRawBufferPointer) -> String {
        var allowed: [String] = []
        var count = 0
        for part in requested.split(separator: UInt8(ascii: ",")) {
            let name = UnsafeRawBufferPointer(rebasing: FieldSyntax.trimmed(part))
            guard name.count <= maximumName, FieldSyntax.isToken(name) else { continue }
            let text = String(decoding: name, as: UTF8.self).lowercased()
            guard names.contains(text) || text.hasPrefix("\(FieldName.customPrefix)"), !allowed.contains(text) else {
                continue
            }
            count += text.utf8.count + 2
            guard count <= maximumList else { break }
            allowed.append(text)
        }
        return allowed.joined(separator: ", ")
    }
}
