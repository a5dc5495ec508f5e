internal import Bytes
internal import CNGHTTP2
internal import RPCCore

/// Room in which a call's header fields are put together for nghttp2; one a connection, used over and over.
struct RequestFields: ~Copyable {
    enum Result {
        case opened(Int32)
        /// The connection has used up its stream ids.
        case noStreamsLeft
        case refused(String)
    }

    /// Values that neither a call nor its method holds; nghttp2 copies them.
    private var text = ByteBuffer()
    private var fields = UnsafeMutableBufferPointer<nghttp2_nv>.allocate(capacity: 16)

    init() {}

    deinit {
        fields.deallocate()
    }

    /// Hands the call to nghttp2, which will take its message from ``HTTP2Callbacks``.
    mutating func submit(
        _ call: ClientCall,
        of upstream: Upstream,
        to session: OpaquePointer,
        now: Deadline
    ) -> Result {
        let target = upstream.block.fields
        let shared = call.method.block.fields
        let count =
            target.count + shared.count + call.metadata.count
            + (call.deadline == .never ? 0 : 1) + (call.seenAttempts > 0 ? 1 : 0)
        if count > fields.count {
            fields.deallocate()
            fields = .allocate(capacity: count)
        }
        // Pseudo-header fields come before all others (RFC 9113, section 8.3); both begin with theirs, the method's
        // has no other before the target's.
        var next = fields.update(fromContentsOf: target)
        next = fields[next...].update(fromContentsOf: shared)

        text.truncate(to: 0)
        // Reserved at once, so that the memory below does not move.
        text.reserve(GRPCTimeout.maximumLength + RequestFields.maxAttemptDigits)
        if call.deadline != .never {
            let start = text.count
            text.appendUnsafe(GRPCTimeout.maximumLength) { bytes in
                GRPCTimeout.encode(
                    call.deadline.remaining(at: now),
                    into: UnsafeMutableRawBufferPointer(start: bytes, count: GRPCTimeout.maximumLength)
                )
            }
            let value = UnsafeRawBufferPointer(rebasing: text.bytes[start...])
            fields[next] = nghttp2_nv(name: RequestFields.timeoutName, value: value, keepsMemory: false)
            next += 1
        }
        if call.seenAttempts > 0 {
            let start = text.count
            text.append(utf8: String(min(call.seenAttempts, 9)))
            let value = UnsafeRawBufferPointer(rebasing: text.bytes[start...])
            fields[next] = nghttp2_nv(name: RequestFields.previousAttemptsName, value: value, keepsMemory: false)
            next += 1
        }
        return call.metadata.withFields { metadata in
            for field in metadata {
                guard RequestFields.isAllowed(field) else {
                    let name = String(decoding: field.name, as: UTF8.self)
                    return .refused("the metadata \"\(name)\" cannot be sent over HTTP/2")
                }
                fields[next] = nghttp2_nv(
                    name: field.name,
                    value: field.value,
                    keepsMemory: false,
                    isUnique: RequestFields.isUnique(field.name)
                )
                next += 1
            }
            return open(call, in: session, fieldCount: count)
        }
    }

    private func open(_ call: ClientCall, in session: OpaquePointer, fieldCount: Int) -> Result {
        // Unretained: the connection's list owns the call until nghttp2 has closed the stream.
        let context = Unmanaged.passUnretained(call).toOpaque()
        var provider = nghttp2_data_provider()
        provider.source.ptr = context
        provider.read_callback = HTTP2Callbacks.readMessage
        let id = nghttp2_submit_request(session, nil, fields.baseAddress, fieldCount, &provider, context)
        if id > 0 { return .opened(id) }
        if id == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE.rawValue { return .noStreamsLeft }
        return .refused("nghttp2: \(HTTP2Callbacks.describe(id))")
    }

    /// A policy allows five attempts at most.
    private static let maxAttemptDigits = 1

    private static var timeoutName: UnsafeRawBufferPointer { bytes(of: "grpc-timeout") }

    /// gRFC A6: how many attempts came before, without those that no application can have seen.
    private static var previousAttemptsName: UnsafeRawBufferPointer { bytes(of: "grpc-previous-rpc-attempts") }

    private static func bytes(of name: StaticString) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    }

    /// Whether the field `name` has another value in each call.
    private static func isUnique(_ name: UnsafeRawBufferPointer) -> Bool {
        name.equals("x-request-id") || name.equals("traceparent")
    }

    /// Whether HTTP/2 lets a client send this field, and the method does not send it already.
    private static func isAllowed(_ field: Metadata.Field) -> Bool {
        let (name, value) = (field.name, field.value)
        guard let first = name.first, first != UInt8(ascii: ":") else { return false }
        let bytes = name.assumingMemoryBound(to: UInt8.self).baseAddress
        guard nghttp2_check_header_name(bytes, name.count) != 0 else { return false }
        guard nghttp2_check_header_value(value.assumingMemoryBound(to: UInt8.self).baseAddress, value.count) != 0
        else { return false }
        // None of the names below begins otherwise, and few that are sent do: no string is made for the rest.
        switch first {
        case UInt8(ascii: "c"), UInt8(ascii: "g"), UInt8(ascii: "h"), UInt8(ascii: "k"), UInt8(ascii: "p"),
            UInt8(ascii: "t"), UInt8(ascii: "u"):
            break
        default: return true
        }
        // RFC 9113, section 8.2.2, and what PreparedMethod sends.
        switch String(decoding: name, as: UTF8.self) {
        case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host", "te",
            "content-type", "content-length", "user-agent", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding",
            "grpc-previous-rpc-attempts":
            return false
        default:
            return true
        }
    }
}
