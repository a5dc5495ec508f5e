internal import Bytes
internal import HTTPServer

/// Which web pages may use the gateway, and what they may do and see (Fetch, section 3.3, "CORS protocol").
package struct CORSPolicy: Hashable, Sendable {
    private enum Origins: Hashable, Sendable {
        case none
        case any
        case these([CORSOrigin])
    }

    private let origins: Origins
    private let allowsCredentials: Bool
    private let maxAge: Int
    /// Value of `Access-Control-Expose-Headers`.
    private let exposedHeaders: String

    /// No page but those of the gateway's own origin.
    package init() {
        (origins, allowsCredentials, maxAge, exposedHeaders) = (.none, false, 0, "")
    }

    /// Pages of the origins that are given, each `*`, an origin, or an origin whose first label is `*`.
    ///
    /// - Parameters:
    ///   - given: nothing is allowed where this is empty.
    ///   - allowsCredentials: whether pages may have browsers send what they know by themselves: cookies, which the
    ///     gateway does not look at, certificates, and what was typed for `WWW-Authenticate`.
    ///   - maxAge: seconds for which browsers need not ask again.
    ///   - metadata: answer headers that pages may see besides the gateway's own.
    /// - Throws: ``GatewayError`` for what is no origin, and for credentials together with `*` or without any origin.
    package init(
        origins given: [String],
        allowsCredentials: Bool,
        maxAge: Int,
        metadata: ExposedMetadata
    ) throws(GatewayError) {
        var patterns: [CORSOrigin] = []
        for pattern in given where pattern != "*" { patterns.append(try CORSOrigin(pattern)) }
        if given.contains("*") {
            guard !allowsCredentials else {
                throw GatewayError(
                    "any origin (*) cannot be allowed to use credentials: any page could act for its reader"
                )
            }
            origins = .any
        } else {
            guard !given.isEmpty || !allowsCredentials else {
                throw GatewayError("credentials are for origins, and there is none")
            }
            origins = patterns.isEmpty ? .none : .these(patterns)
        }
        self.allowsCredentials = allowsCredentials
        self.maxAge = maxAge
        exposedHeaders = (CORSPolicy.ownHeaders + metadata.names).joined(separator: ", ")
    }

    /// What the gateway says in headers that scripts do not see anyway.
    private static let ownHeaders = [
        "ETag", "Location", "Preference-Applied", "Retry-After", "Server-Timing", "X-Request-Id",
    ]

    /// The request fields that answers depend on, those to preflights on ``VaryFields/preflight`` too.
    var vary: VaryFields {
        if case .these = origins { .origin } else { [] }
    }

    /// The method that a preflight asks about; nil for any other request, and where no origin is allowed at all.
    func requestedMethod(of exchange: Exchange) -> UnsafeRawBufferPointer? {
        if case .none = origins { return nil }
        guard exchange.header("origin") != nil, let method = exchange.header("access-control-request-method"),
            method.count <= CORSRequestHeaders.maximumName, FieldSyntax.isToken(method)
        else { return nil }
        return method
    }

    /// Adds what a page's script needs to see an answer; nothing for origins that are not allowed.
    func answer(_ exchange: Exchange, _ headers: borrowing ResponseHeaders) {
        switch origins {
        case .none:
            return
        case .any:
            // Whether an origin is named or not, so that the answer does not depend on it.
            headers.add("Access-Control-Allow-Origin", "*")
        case .these:
            guard let origin = exchange.header("origin"), isAllowed(origin) else { return }
            headers.add("Access-Control-Allow-Origin", text: String(decoding: origin, as: UTF8.self))
            if allowsCredentials { headers.add("Access-Control-Allow-Credentials", "true") }
        }
        headers.add("Access-Control-Expose-Headers", text: exposedHeaders)
    }

    /// Adds what a page's script needs to see how long an answer took (W3C Resource Timing, section 4.5).
    func answerTiming(_ exchange: Exchange, _ headers: borrowing ResponseHeaders) {
        switch origins {
        case .none:
            return
        case .any:
            headers.add("Timing-Allow-Origin", "*")
        case .these:
            guard let origin = exchange.header("origin"), isAllowed(origin) else { return }
            headers.add("Timing-Allow-Origin", text: String(decoding: origin, as: UTF8.self))
        }
    }

    /// Adds what a browser needs to go on with the request that it asks for leave for, besides what ``answer(_:_:)`` adds.
    func answerPreflight(_ exchange: Exchange, methods: String, _ headers: borrowing ResponseHeaders) {
        guard let origin = exchange.header("origin"), isAllowed(origin) else { return }
        headers.add("Access-Control-Allow-Methods", text: methods)
        if let names = exchange.list("access-control-request-headers") {
            headers.add(name: "Access-Control-Allow-Headers", text: CORSRequestHeaders.allowed(of: names))
        }
        headers.add("Access-Control-Max-Age", text: String(maxAge))
    }

    /// Whether `origin` is one that the operator trusts by name, and not one of all.
    func isNamed(_ origin: UnsafeRawBufferPointer) -> Bool {
        guard case .these = origins else { return false }
        return isAllowed(origin)
    }

    /// Whether pages of `origin`, the value of a request's header, may use the gateway.
    func isAllowed(_ origin: UnsafeRawBufferPointer) -> Bool {
        switch origins {
        case .none: false
        case .any: true
        case .these(let patterns): patterns.contains { $0.matches(origin) }
        }
    }
}
