internal import Bytes
internal import HTTPServer

/// Content codings of requests and answers (RFC 9110, section 8.4).
extension RequestPipeline {
    /// Whether a request's body is in gzip; nothing at all is the same in any coding.
    func isGzip(_ exchange: Exchange) throws(RequestFailure) -> Bool {
        guard exchange.hasContent, let value = exchange.list("content-encoding") else { return false }
        guard let coding = ContentCoding(value) else { throw .unsupportedCoding(text(value)) }
        return coding == .gzip
    }

    /// Whether a JSON answer of so many bytes goes out as gzip.
    ///
    /// It depends on nothing else, so that a 304 says the same of it as the answer before.
    func compresses(_ count: Int, for exchange: Exchange) -> Bool {
        compressesAnswers && AcceptEncoding(exchange.list("accept-encoding")).compresses(count)
    }

    /// The request fields that a JSON answer depends on.
    var negotiated: VaryFields {
        compressesAnswers ? [.accept, .acceptEncoding] : .accept
    }
}
