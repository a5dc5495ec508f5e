import GatewayTesting

/// Streams that are reset, refused or go no further.
enum StreamFaults {
    /// Each code of RFC 9113, section 7, with what the call is to end with.
    private static let codes: [(code: HTTP2ErrorCode, name: String, view: ClientView)] = [
        (.noError, "NO_ERROR", .internalError), (.protocolError, "PROTOCOL_ERROR", .internalError),
        (.internalError, "INTERNAL_ERROR", .internalError), (.flowControlError, "FLOW_CONTROL_ERROR", .internalError),
        (.settingsTimeout, "SETTINGS_TIMEOUT", .internalError), (.streamClosed, "STREAM_CLOSED", .internalError),
        (.frameSizeError, "FRAME_SIZE_ERROR", .internalError), (.cancel, "CANCEL", ClientView(499, "CANCELLED")),
        (.compressionError, "COMPRESSION_ERROR", .internalError), (.connectError, "CONNECT_ERROR", .internalError),
        (.enhanceYourCalm, "ENHANCE_YOUR_CALM", ClientView(429, "RESOURCE_EXHAUSTED")),
        (.inadequateSecurity, "INADEQUATE_SECURITY", ClientView(403, "PERMISSION_DENIED")),
        (.http11Required, "HTTP_1_1_REQUIRED", .internalError),
    ]

    static let reset: [Fault] =
        codes.map { code, name, view in
            let number = String(code.rawValue, radix: 16)
            return Fault("RST_STREAM \(name) (0x\(number))", submit: .fateUnknown, read: view, [.reset(code)])
        } + [
            Fault(
                "RST_STREAM of an unknown code (0xff)",
                submit: .fateUnknown,
                read: .internalError,
                [.reset(HTTP2ErrorCode(rawValue: 255))]
            ),
            Fault(
                "RST_STREAM INTERNAL_ERROR behind the answer's headers",
                submit: .fateUnknown,
                read: .internalError,
                [.grpcHeaders(), .reset(.internalError)]
            ),
        ]

    static let refused: [Fault] = [
        Fault("REFUSED_STREAM (0x7), once", submit: .ok, read: .ok, isSeen: { $0.ordinal > 0 }) { request in
            request.ordinal == 0 ? [.reset(.refusedStream)] : .emptyAnswer
        },
        Fault(
            "REFUSED_STREAM, every time",
            submit: .unavailable,
            read: .unavailable,
            reached: 0,
            isSeen: { _ in false }
        ) { _ in [.reset(.refusedStream)] },
        // It has begun to answer, so an application has seen the call, whatever the code claims.
        Fault(
            "REFUSED_STREAM behind the answer's headers",
            submit: .fateUnknown,
            read: .unavailable,
            [.grpcHeaders(), .reset(.refusedStream)]
        ),
    ]

    static let stalled: [Fault] = [
        Fault("no answer at all", submit: .tooLate, read: .tooLate, .silence).abandoned(after: "150m"),
        Fault("headers and no more", submit: .tooLate, read: .tooLate, [.grpcHeaders()]).abandoned(after: "150m"),
        Fault("half a message", submit: .tooLate, read: .tooLate, [.grpcHeaders(), .message([1], length: 2)])
            .abandoned(after: "150m"),
        Fault("a message and no trailers", submit: .tooLate, read: .tooLate, [.grpcHeaders(), .message([0x0A, 0])])
            .abandoned(after: "150m"),
        Fault(
            "drips on, a byte of DATA every 20 ms",
            submit: .tooLate,
            read: .tooLate,
            [.grpcHeaders(), .message([], length: 1000)]
                + Script((0..<60).flatMap { _ in [.delay(.milliseconds(20)), .data([0])] })
        ).abandoned(after: "150m"),
    ]
}
