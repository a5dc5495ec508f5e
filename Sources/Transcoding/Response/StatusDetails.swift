package import Bytes
import ProtobufSchema

/// A serialized `google.rpc.Status`, as it comes in `grpc-status-details-bin`.
///
/// The bytes are a peer's and may be anything; what can be read of them is, and nothing here fails.
package struct StatusDetails: Sendable {
    /// One detail: an `Any`.
    package struct Detail: Sendable {
        package let typeURL: String
        package let value: [UInt8]
    }

    package private(set) var code: Int32 = 0
    package private(set) var message = ""
    package private(set) var details: [Detail] = []
    /// Whether the bytes were a whole `Status`; if not, what came before the fault is there.
    package private(set) var isWellFormed = true

    package init(_ bytes: UnsafeRawBufferPointer) {
        var reader = WireReader(bytes)
        do throws(WireError) {
            while let tag = try reader.nextTag() {
                switch (tag.number, tag.wireType) {
                case (1, .varint): code = Int32(truncatingIfNeeded: try reader.readVarint())
                case (2, .lengthDelimited): message = String(decoding: try reader.readBytes(), as: UTF8.self)
                case (3, .lengthDelimited): details.append(StatusDetails.readAny(try reader.readBytes()))
                default: try reader.skip(tag)
                }
            }
        } catch {
            isWellFormed = false
        }
    }

    package init(_ bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { StatusDetails($0) }
    }

    private static func readAny(_ bytes: UnsafeRawBufferPointer) -> Detail {
        var reader = WireReader(bytes)
        var typeURL = ""
        var value: [UInt8] = []
        do throws(WireError) {
            while let tag = try reader.nextTag() {
                switch (tag.number, tag.wireType) {
                case (1, .lengthDelimited): typeURL = String(decoding: try reader.readBytes(), as: UTF8.self)
                case (2, .lengthDelimited): value = Array(try reader.readBytes())
                default: try reader.skip(tag)
                }
            }
        } catch {
            // Not an Any; all of it is kept under an empty type.
            return Detail(typeURL: "", value: Array(bytes))
        }
        return Detail(typeURL: typeURL, value: value)
    }
}

extension ResponseTranscoder {
    /// Appends the details as the elements of a JSON array, `{…},{…}`, without its brackets.
    ///
    /// What cannot be expanded is printed as `{"@type": …, "value": base64}`.
    package mutating func appendDetails(_ status: StatusDetails, into output: inout ByteBuffer) {
        var isFirst = true
        for detail in status.details {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            appendDetail(detail, into: &output)
        }
    }

    private mutating func appendDetail(_ detail: StatusDetails.Detail, into output: inout ByteBuffer) {
        // Through the wire form, so that there is one place that expands an Any. Its type is valid UTF-8 by now.
        var wire = ByteBuffer(capacity: detail.value.count + detail.typeURL.utf8.count + 24)
        wire.appendTag(number: 1, .lengthDelimited)
        wire.appendVarint(UInt64(detail.typeURL.utf8.count))
        wire.append(utf8: detail.typeURL)
        wire.appendTag(number: 2, .lengthDelimited)
        detail.value.withUnsafeBytes { wire.appendLengthDelimited($0) }
        let start = output.count
        defer { keys.reset() }
        let any = wire.bytes
        do throws(WireError) {
            begin(carefully: false, any.count)
            outputEnd = .max
            do throws(WireError) {
                try appendAny(any, into: &output)
            } catch {
                guard needsCarefulPass(error) else { throw error }
                output.truncate(to: start)
                begin(carefully: true, any.count)
                try appendAny(any, into: &output)
            }
        } catch {
            output.truncate(to: start)
            output.append("{}")
        }
    }
}
