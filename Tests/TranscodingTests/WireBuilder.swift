import Bytes
import ProtobufSchema

/// Builds wire-format messages field by field, in whatever order a test wants.
struct WireBuilder {
    private(set) var bytes: [UInt8] = []

    private mutating func append(_ body: (inout ByteBuffer) -> Void) {
        var buffer = ByteBuffer()
        body(&buffer)
        bytes += Array(buffer.bytes)
    }

    func varint(_ number: Int32, _ value: UInt64) -> WireBuilder {
        var copy = self
        copy.append {
            $0.appendTag(number: number, .varint)
            $0.appendVarint(value)
        }
        return copy
    }

    func fixed64(_ number: Int32, _ value: UInt64) -> WireBuilder {
        var copy = self
        copy.append {
            $0.appendTag(number: number, .fixed64)
            $0.appendFixed64(value)
        }
        return copy
    }

    func fixed32(_ number: Int32, _ value: UInt32) -> WireBuilder {
        var copy = self
        copy.append {
            $0.appendTag(number: number, .fixed32)
            $0.appendFixed32(value)
        }
        return copy
    }

    func bytes(_ number: Int32, _ content: [UInt8]) -> WireBuilder {
        var copy = self
        copy.append { buffer in
            buffer.appendTag(number: number, .lengthDelimited)
            content.withUnsafeBytes { buffer.appendLengthDelimited($0) }
        }
        return copy
    }

    func string(_ number: Int32, _ content: String) -> WireBuilder { bytes(number, Array(content.utf8)) }

    func message(_ number: Int32, _ content: WireBuilder) -> WireBuilder { bytes(number, content.bytes) }

    func group(_ number: Int32, _ content: WireBuilder) -> WireBuilder {
        var copy = self
        copy.append { $0.appendTag(number: number, .startGroup) }
        copy.bytes += content.bytes
        copy.append { $0.appendTag(number: number, .endGroup) }
        return copy
    }
}
