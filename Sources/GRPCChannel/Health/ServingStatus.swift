internal import Bytes

/// What a server says of its health: `HealthCheckResponse.ServingStatus` of grpc.health.v1.
enum ServingStatus: UInt64 {
    case unknown = 0
    case serving = 1
    case notServing = 2
    /// The server does not know the service that it was asked for.
    case serviceUnknown = 3

    var name: StaticString {
        switch self {
        case .unknown: "UNKNOWN"
        case .serving: "SERVING"
        case .notServing: "NOT_SERVING"
        case .serviceUnknown: "SERVICE_UNKNOWN"
        }
    }

    /// Reads `HealthCheckResponse { ServingStatus status = 1; }`; nil where that is malformed.
    ///
    /// A status of a number without a name is UNKNOWN, as it does not say SERVING.
    init?(response: UnsafeRawBufferPointer) {
        var rest = response
        var status: UInt64 = 0
        while !rest.isEmpty {
            guard let tag = ServingStatus.varint(&rest), tag >> 3 != 0 else { return nil }
            let length: UInt64
            switch tag & 7 {
            case 0:
                guard let value = ServingStatus.varint(&rest) else { return nil }
                if tag >> 3 == 1 { status = value }
                continue
            case 1: length = 8
            case 2:
                guard let announced = ServingStatus.varint(&rest) else { return nil }
                length = announced
            case 5: length = 4
            default: return nil
            }
            guard tag >> 3 != 1, length <= UInt64(rest.count) else { return nil }
            rest = UnsafeRawBufferPointer(rebasing: rest[Int(length)...])
        }
        self = ServingStatus(rawValue: status) ?? .unknown
    }

    /// Appends `HealthCheckRequest { string service = 1; }`.
    static func appendRequest(for service: String, to message: inout ByteBuffer) {
        guard !service.isEmpty else { return }
        message.append(0x0A)
        var length = service.utf8.count
        while length > 0x7F {
            message.append(UInt8(truncatingIfNeeded: length) | 0x80)
            length >>= 7
        }
        message.append(UInt8(length))
        message.append(utf8: service)
    }

    /// A base-128 number of at most ten bytes (protobuf encoding, "Base 128 Varints").
    private static func varint(_ bytes: inout UnsafeRawBufferPointer) -> UInt64? {
        var value: UInt64 = 0
        for (index, byte) in bytes.prefix(10).enumerated() {
            value |= UInt64(byte & 0x7F) << UInt64(7 * index)
            guard byte >= 0x80 else {
                bytes = UnsafeRawBufferPointer(rebasing: bytes[(index + 1)...])
                return value
            }
        }
        return nil
    }
}
