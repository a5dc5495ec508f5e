internal import Bytes
internal import Compression

/// A document that the gateway answers by itself, made once for all workers and requests.
package struct StaticPage: Sendable {
    /// Header fields of its own, such as `Content-Security-Policy`; names are tokens.
    package typealias Field = (name: String, value: String)

    /// The methods that it takes.
    static let allow = "GET, HEAD, OPTIONS"
    /// Smallest content that is worth compressing, in bytes: what fits into one packet is not.
    private static let smallestCompressed = 1024

    /// Below the base path, in the form in which clients send it; beginning with `/`, without one at the end.
    package let path: String
    let mediaType: String
    let content: [UInt8]
    /// Its gzip form; nil where that is not worth it.
    let gzip: [UInt8]?
    let tag: EntityTag
    let fields: [Field]
    private let pathBytes: [UInt8]

    /// A page of `content`, compressed where that makes it smaller.
    package init(path: String, mediaType: String, content: [UInt8], fields: [Field] = []) {
        self.path = path
        self.mediaType = mediaType
        self.content = content
        self.fields = fields
        pathBytes = Array(path.utf8)
        tag = content.withUnsafeBytes { EntityTag(of: $0) }
        gzip = StaticPage.compress(content)
    }

    private static func compress(_ content: [UInt8]) -> [UInt8]? {
        guard content.count >= smallestCompressed, let encoder = GzipEncoder() else { return nil }
        var output = ByteBuffer()
        guard content.withUnsafeBytes({ encoder.encode($0, into: &output) }), output.count < content.count else {
            return nil
        }
        return Array(output.bytes)
    }

    /// Whether it is what a path below the base path stands for; one slash at the end is forgiven, as of routes.
    func isAt(_ path: UnsafeRawBufferPointer) -> Bool {
        guard path.count == pathBytes.count || path.count == pathBytes.count + 1 && path.last == UInt8(ascii: "/")
        else { return false }
        return path.prefix(pathBytes.count).elementsEqual(pathBytes)
    }

    /// Its bytes in one of its forms, for an answer to take along.
    func body(gzip isGzip: Bool) -> ByteBuffer {
        let bytes = isGzip ? gzip ?? content : content
        var body = ByteBuffer(capacity: bytes.count)
        body.append(contentsOf: bytes)
        return body
    }
}
