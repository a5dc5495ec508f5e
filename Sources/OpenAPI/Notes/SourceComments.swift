import ProtobufSchema

/// The comments of one file by the path of what they are about (descriptor.proto, `SourceCodeInfo`).
struct SourceComments {
    /// Deeper than any declaration that is read.
    private static let maximumPathCount = 256

    private var comments: [[Int32]: CommentText] = [:]

    init() {}

    /// The leading comment, or the trailing one where there is no other.
    subscript(_ path: [Int32]) -> CommentText { comments[path] ?? CommentText() }

    /// Reads a serialized `SourceCodeInfo`.
    mutating func read(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            guard tag.number == 1, tag.wireType == .lengthDelimited else {
                try reader.skip(tag)
                continue
            }
            try readLocation(try reader.readBytes())
        }
    }

    private mutating func readLocation(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        var path: [Int32] = []
        var leading = ""
        var trailing = ""
        while let tag = try reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .lengthDelimited):
                var run = WireReader(try reader.readBytes())
                while !run.isAtEnd { path.append(Int32(truncatingIfNeeded: try run.readVarint())) }
            case (1, .varint): path.append(Int32(truncatingIfNeeded: try reader.readVarint()))
            case (3, .lengthDelimited): leading = String(decoding: try reader.readBytes(), as: UTF8.self)
            case (4, .lengthDelimited): trailing = String(decoding: try reader.readBytes(), as: UTF8.self)
            default: try reader.skip(tag)
            }
        }
        guard path.count <= SourceComments.maximumPathCount else { return }
        let comment = CommentText(leading)
        let chosen = comment.isEmpty ? CommentText(trailing) : comment
        if !chosen.isEmpty { comments[path] = chosen }
    }
}
