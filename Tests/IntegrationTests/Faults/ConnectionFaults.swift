import GatewayTesting

/// Connections that end, are refused or go away.
enum ConnectionFaults {
    static let lost: [Fault] = [
        Fault("connection reset, no answer yet", submit: .fateUnknown, read: .unavailable, [.abort]),
        Fault("connection closed, no answer yet", submit: .fateUnknown, read: .unavailable, [.close]),
        Fault("reset behind the answer's headers", submit: .fateUnknown, read: .unavailable, [.grpcHeaders(), .abort]),
        Fault(
            "closed behind the answer's headers",
            submit: .fateUnknown,
            read: .unavailable,
            [.grpcHeaders(), .close]
        ),
        Fault(
            "reset in the middle of the answer's message",
            submit: .fateUnknown,
            read: .unavailable,
            [.grpcHeaders(), .message([1, 2], length: 9), .abort]
        ),
        Fault(
            "reset behind the message, without trailers",
            submit: .fateUnknown,
            read: .unavailable,
            [.grpcHeaders(), .message([0x0A, 0]), .abort]
        ),
    ]

    static let unusable: [Fault] = [
        Fault("ended as soon as accepted", .unavailable, behavior: ConnectionBehavior(endsAtOnce: .close)),
        Fault("reset as soon as accepted", .unavailable, behavior: ConnectionBehavior(endsAtOnce: .abort)),
        Fault(
            "never sends SETTINGS",
            .noConnectionInTime,
            timeout: "150m",
            behavior: ConnectionBehavior(settings: nil)
        ),
        Fault(
            "never sends SETTINGS nor reads",
            .noConnectionInTime,
            timeout: "150m",
            behavior: ConnectionBehavior(settings: nil, reads: false)
        ),
        Fault(
            "speaks HTTP/1.1",
            .unavailable,
            behavior: ConnectionBehavior(
                settings: nil,
                greeting: Array("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".utf8),
                endsAtOnce: .close
            )
        ),
        Fault(
            "sends noise",
            .unavailable,
            behavior: ConnectionBehavior(settings: nil, greeting: [UInt8](repeating: 255, count: 4096))
        ),
        Fault(
            "first frame is not SETTINGS",
            .unavailable,
            behavior: ConnectionBehavior(
                settings: nil,
                greeting: HTTP2Frame.bytes(type: 6, payload: [UInt8](repeating: 0, count: 8))
            )
        ),
        Fault("SETTINGS_INITIAL_WINDOW_SIZE of 2^31", .unavailable, behavior: settings(.initialWindowSize(1 << 31))),
        Fault("SETTINGS_MAX_FRAME_SIZE of 16", .unavailable, behavior: settings(.maxFrameSize(16))),
        Fault("SETTINGS_ENABLE_PUSH of 2", .unavailable, behavior: settings(HTTP2Setting(identifier: 2, value: 2))),
        Fault(
            "SETTINGS of seven bytes",
            .unavailable,
            behavior: ConnectionBehavior(
                settings: nil,
                greeting: HTTP2Frame.bytes(type: 4, payload: [0, 3, 0, 0, 0, 1, 0])
            )
        ),
        Fault(
            "SETTINGS on a stream",
            .unavailable,
            behavior: ConnectionBehavior(settings: nil, greeting: HTTP2Frame.bytes(type: 4, stream: 1))
        ),
        Fault(
            "no streams allowed: SETTINGS_MAX_CONCURRENT_STREAMS of 0",
            ClientView(504, "DEADLINE_EXCEEDED", "DEADLINE_QUEUE"),
            timeout: "150m",
            behavior: settings(.maxConcurrentStreams(0))
        ),
    ]

    static let goAway: [Fault] = [
        Fault("GOAWAY that covers the call, then its answer", submit: .ok, read: .ok) { request in
            [.goAway(lastStream: request.stream)] + .emptyAnswer
        },
        Fault("graceful GOAWAY (2^31-1), then the answer", submit: .ok, read: .ok, [.goAway()] + .emptyAnswer),
        Fault("both GOAWAYs, then the answer", submit: .ok, read: .ok) { request in
            [.goAway(), .goAway(lastStream: request.stream)] + .emptyAnswer
        },
        Fault("GOAWAY below the call, once", submit: .ok, read: .ok, isSeen: { $0.ordinal > 0 }) { request in
            request.ordinal == 0 ? [.goAway(lastStream: max(0, request.stream - 2))] : .emptyAnswer
        },
        Fault("GOAWAY below the call, then reset, once", submit: .ok, read: .ok, isSeen: { $0.ordinal > 0 }) {
            $0.ordinal == 0 ? [.goAway(lastStream: max(0, $0.stream - 2)), .abort] : .emptyAnswer
        },
        Fault(
            "GOAWAY below the call, every time",
            submit: .unavailable,
            read: .unavailable,
            reached: 0,
            isSeen: { _ in false }
        ) { [.goAway(lastStream: max(0, $0.stream - 2))] },
        Fault("GOAWAY that covers the call, then closed", submit: .fateUnknown, read: .unavailable) { request in
            [.goAway(lastStream: request.stream), .close]
        },
        Fault("graceful GOAWAY, then reset", submit: .fateUnknown, read: .unavailable, [.goAway(), .abort]),
        Fault("GOAWAY ENHANCE_YOUR_CALM (too_many_pings), then closed", submit: .fateUnknown, read: .unavailable) {
            [.goAway(lastStream: $0.stream, .enhanceYourCalm, debug: Array("too_many_pings".utf8)), .close]
        },
        Fault("GOAWAY that covers the call, then silence", submit: .tooLate, read: .tooLate) { request in
            [.goAway(lastStream: request.stream)]
        }.abandoned(after: "150m"),
    ]

    private static func settings(_ setting: HTTP2Setting) -> ConnectionBehavior {
        ConnectionBehavior(settings: [setting])
    }
}
