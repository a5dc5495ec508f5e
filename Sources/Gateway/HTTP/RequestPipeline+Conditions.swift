internal import Bytes
internal import HTTPServer
internal import RPCCore

/// Conditional requests (RFC 9110, section 13).
///
/// There are no dates of modification, so that `If-Modified-Since` and `If-Unmodified-Since` count for nothing, as sections
/// 13.1.3 and 13.1.4 have it.
extension RequestPipeline {
    /// Refuses what must not be done unless a condition holds, where the gateway cannot tell whether it does.
    ///
    /// Before the call is made. Of what has a tag, ``outcome(of:gzip:for:)`` tells afterwards.
    func checkConditions(_ exchange: Exchange, _ served: ServedRoute) throws(RequestFailure) {
        guard !served.hasTag else { return }
        let match = exchange.list("if-match")
        guard match != nil || exchange.header("if-none-match") != nil else { return }
        let method = exchange.method
        if method.equals("GET") || method.equals("HEAD") {
            // A stream has no tag. So none of those in a list is its own, and it has not come before.
            guard let match, !EntityTagList(match).isAny else { return }
            throw .preconditionFailed
        }
        // Section 13.2.1: what neither selects a representation nor changes it is done in any case.
        if isOptions(method) || method.equals("TRACE") { return }
        throw .preconditionUnknown(method: text(method))
    }

    /// What a read comes to whose answer has this tag, by the conditions in the order of section 13.2.2.
    ///
    /// Where the answer goes out as gzip its tag is a weak one, which `If-Match` takes for no match.
    func outcome(of tag: EntityTag, gzip isGzip: Bool, for exchange: Exchange) -> HTTPStatus {
        if let match = exchange.list("if-match") {
            let list = EntityTagList(match)
            guard list.isAny || !isGzip && list.contains(tag, byStrongComparison: true) else {
                return .preconditionFailed
            }
        }
        guard let known = exchange.list("if-none-match") else { return .ok }
        let list = EntityTagList(known)
        return list.isAny || list.contains(tag, byStrongComparison: false) ? .notModified : .ok
    }
}

extension RequestFailure {
    /// What there is has another tag.
    static let preconditionFailed = RequestFailure(
        status: .preconditionFailed,
        code: .failedPrecondition,
        message: "what is there has none of the entity tags that If-Match names",
        details: .reason("PRECONDITION_FAILED")
    )

    static func preconditionUnknown(method: String) -> RequestFailure {
        RequestFailure(
            status: .preconditionFailed,
            code: .failedPrecondition,
            message:
                "whether If-Match and If-None-Match hold is known of GET and HEAD alone; nothing was done about this "
                + "\(method)",
            details: .reason("PRECONDITION_UNKNOWN")
        )
    }
}
