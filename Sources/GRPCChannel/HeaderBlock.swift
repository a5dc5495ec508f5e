internal import Bytes
internal import RPCCore

/// What a gRPC client wants to know of one header block.
///
/// Fields that nobody asked for are counted and forgotten without an allocation.
struct HeaderBlock {
    enum ContentType {
        case missing, grpc, other
    }

    /// What makes a block malformed.
    enum Fault {
        case httpStatus
        /// Two fields that contradict each other; which of them an intermediary read is anyone's guess.
        case contradictingStatus
    }

    /// Size so far as HTTP/2 counts it: names, values and 32 bytes a field (RFC 9113, section 6.5.2).
    private(set) var byteCount = 0
    /// `:status`, 0 where it is missing.
    private(set) var httpStatus = 0
    private(set) var contentType = ContentType.missing
    /// A content-type that is not gRPC's, for the error's message.
    private(set) var otherContentType: String?
    /// `grpc-encoding` where it is not `identity`.
    private(set) var encoding: String?
    private(set) var grpcStatus: StatusCode?
    /// The status is UNKNOWN because what was sent is none.
    private(set) var hasMalformedStatus = false
    /// Decoded `grpc-message`.
    private(set) var message = ""
    /// The first well-formed `grpc-status-details-bin`, decoded; empty where there is none.
    private(set) var details: [UInt8] = []
    /// `grpc-retry-pushback-ms`.
    private(set) var retryPushback: RetryPushback?
    private(set) var metadata = Metadata()

    /// Takes one field in; returns what it makes the block malformed with, if it does.
    ///
    /// `isFinal`: the block ends the stream, so gRPC's status fields count.
    mutating func add(
        name: UnsafeRawBufferPointer,
        value: UnsafeRawBufferPointer,
        isFinal: Bool,
        keepsMetadata: Bool
    ) -> Fault? {
        byteCount += name.count + value.count + 32
        switch name.count {
        case 7 where name.equals(":status"):
            guard let status = parse(value, digits: 3...3) else { return .httpStatus }
            httpStatus = status
        case 11 where name.equals("grpc-status"):
            if isFinal { return setStatus(value) }
        case 12 where name.equals("content-type"):
            setContentType(value)
        case 12 where name.equals("grpc-message"):
            if isFinal, !value.isEmpty { message = GRPCMessage.decode(value) }
        case 13 where name.equals("grpc-encoding"):
            if !value.equals("identity") { encoding = String(decoding: value.prefix(32), as: UTF8.self) }
        case 22 where name.equals("grpc-retry-pushback-ms"):
            if isFinal { retryPushback = RetryPushback(value) }
        case 23 where name.equals("grpc-status-details-bin"):
            if isFinal, details.isEmpty { details = BinaryMetadata.decodeFirst(value) ?? [] }
        default:
            if keepsMetadata, !isReserved(name) {
                metadata.append(name: name, value: value)
            }
        }
        return nil
    }

    /// `grpc-status`: a decimal number without leading zeros; anything else is UNKNOWN, and says so.
    private mutating func setStatus(_ value: UnsafeRawBufferPointer) -> Fault? {
        let earlier = grpcStatus
        if let number = parse(value, digits: 1...9), value.count == 1 || value[0] != UInt8(ascii: "0") {
            grpcStatus = StatusCode(rawValue: number)
        } else {
            grpcStatus = .unknown
            hasMalformedStatus = true
            if message.isEmpty {
                let text = String(decoding: value.prefix(32), as: UTF8.self)
                message = "the upstream sent a malformed grpc-status: \(text)"
            }
        }
        return earlier == nil || earlier == grpcStatus ? nil : .contradictingStatus
    }

    private mutating func setContentType(_ value: UnsafeRawBufferPointer) {
        let prefix: StaticString = "application/grpc"
        let isGRPC =
            value.hasPrefix(prefix)
            && (value.count == prefix.utf8CodeUnitCount || value[prefix.utf8CodeUnitCount] == UInt8(ascii: "+")
                || value[prefix.utf8CodeUnitCount] == UInt8(ascii: ";"))
        contentType = isGRPC ? .grpc : .other
        if !isGRPC { otherContentType = String(decoding: value.prefix(128), as: UTF8.self) }
    }

    private func parse(_ value: UnsafeRawBufferPointer, digits: ClosedRange<Int>) -> Int? {
        guard digits.contains(value.count) else { return nil }
        var number = 0
        for byte in value {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return number
    }

    /// Whether `name` is HTTP/2's or gRPC's own rather than custom metadata.
    private func isReserved(_ name: UnsafeRawBufferPointer) -> Bool {
        name.isEmpty || name[0] == UInt8(ascii: ":") || name.hasPrefix("grpc-")
    }
}
