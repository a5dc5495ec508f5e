internal import Bytes
package import ProtobufSchema

/// A `google.api.HttpBody` on the wire: bytes with a content type, which pass without becoming JSON.
///
/// Its `extensions` (google/api/httpbody.proto) have no place in an HTTP message and are left out.
package struct HTTPBody {
    static let contentTypeNumber: Int32 = 1
    static let dataNumber: Int32 = 2

    /// As upstream sent it; empty if it named none.
    package private(set) var contentType = UnsafeRawBufferPointer(start: nil, count: 0)
    package private(set) var data = UnsafeRawBufferPointer(start: nil, count: 0)

    /// Finds both in the serialized HttpBody `wire`, or in its field `field` if there is one.
    ///
    /// Nothing is copied: both are parts of `wire`. Throws if `wire` is malformed.
    package init(_ wire: UnsafeRawBufferPointer, in field: FieldInfo? = nil) throws(TranscodingError) {
        do throws(WireError) {
            if let field {
                try mergeField(wire, number: field.number)
            } else {
                try merge(wire)
            }
        } catch {
            throw TranscodingError(malformed: "google.api.HttpBody", at: "", because: error)
        }
    }

    /// The value for `Content-Type`: what upstream named if that is a media type (RFC 9110, section 8.3.1) that leaves room
    /// in a header block, otherwise any bytes at all.
    package var contentTypeText: String {
        guard contentType.count <= HTTPBody.maximumTypeCount, contentType.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }),
            let slash = contentType.firstIndex(of: UInt8(ascii: "/")),
            FieldSyntax.isToken(contentType[..<slash]),
            slash + 1 < contentType.count, FieldSyntax.token.contains(contentType[slash + 1])
        else { return HTTPBody.anyContentType }
        return String(decoding: contentType, as: UTF8.self)
    }

    private static let maximumTypeCount = 255

    /// The type of bytes of which nothing is known.
    package static let anyContentType = "application/octet-stream"

    private mutating func mergeField(_ wire: UnsafeRawBufferPointer, number: Int32) throws(WireError) {
        var reader = WireReader(wire)
        while let tag = try reader.nextTag() {
            if tag.number == number, tag.wireType == .lengthDelimited {
                try merge(try reader.readBytes())
            } else {
                try reader.skip(tag)
            }
        }
    }

    /// The last occurrence of each field stands, also over several pieces of one message.
    private mutating func merge(_ wire: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(wire)
        while let tag = try reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (HTTPBody.contentTypeNumber, .lengthDelimited): contentType = try reader.readBytes()
            case (HTTPBody.dataNumber, .lengthDelimited): data = try reader.readBytes()
            default: try reader.skip(tag)
            }
        }
    }
}
