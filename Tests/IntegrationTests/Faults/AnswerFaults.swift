import GatewayTesting

/// Answers that are proper HTTP/2, but not proper gRPC or protobuf.
enum AnswerFaults {
    static let grpc: [Fault] = [
        broken("compressed without a grpc-encoding", message([0x0A, 0], compressed: true)),
        broken(
            "compressed with gzip, which the gateway did not offer",
            [.grpcHeaders(["grpc-encoding": "gzip"]), .message([0x1F, 0x8B, 8, 0], compressed: true), .grpcTrailers()]
        ),
        broken("a flag that gRPC does not know", [.grpcHeaders(), .data([7, 0, 0, 0, 0]), .grpcTrailers()]),
        broken("a message shorter than its length", message([0x0A, 0], length: 9)),
        broken("a length cut off", [.grpcHeaders(), .data([0, 0, 0]), .grpcTrailers()]),
        broken("two messages", [.grpcHeaders(), .message([0x0A, 0]), .message([0x0A, 0]), .grpcTrailers()]),
        broken("bytes behind the message", [.grpcHeaders(), .message([0x0A, 0]), .data([0, 0]), .grpcTrailers()]),
        broken("OK without a message", [.grpcHeaders(), .grpcTrailers()]),
        broken("OK without a message, in one HEADERS", .status(0)),
        Fault(
            "a message of 4 GiB, by its length",
            submit: tooLarge,
            read: tooLarge,
            [.grpcHeaders(), .message([], length: .max)]
        ),
        withoutStatus(
            "the stream ends without trailers",
            [.grpcHeaders(), .data(GRPCFrame.encode([0x0A, 0]), endStream: true)]
        ),
        withoutStatus("trailers without grpc-status", [.grpcHeaders(), .message([0x0A, 0]), .trailers(["x": "y"])]),
        withoutStatus(
            "a grpc-status that is no number",
            [.grpcHeaders(), .message([0x0A, 0]), .trailers(["grpc-status": "ok"])]
        ),
        Fault("a grpc-status of 99", submit: .unknown, read: .unknown, .status(99)),
        // As gRPC's C core ends running calls when its server stops, and proxies that have lost theirs.
        Fault("grpc-status UNAVAILABLE", submit: .fateUnknown, read: .unavailable, .status(14)),
        Fault(
            "grpc-status CANCELLED",
            submit: ClientView(499, "CANCELLED", "OUTCOME_UNKNOWN"),
            read: ClientView(499, "CANCELLED"),
            .status(1)
        ),
        Fault("grpc-status DEADLINE_EXCEEDED", submit: .tooLate, read: .tooLate, .status(4)),
        Fault(
            "grpc-status UNAVAILABLE with details, the application's own word",
            submit: .unavailable,
            read: .unavailable,
            .status(14, details: [0x08, 14, 0x12, 1, 0x78])
        ),
        Fault(
            "grpc-status UNAVAILABLE behind a message",
            submit: .fateUnknown,
            read: .unavailable,
            [.grpcHeaders(), .message([0x0A, 0]), .grpcTrailers(14)]
        ),
        Fault(
            "grpc-status-details-bin that is no base64",
            submit: ClientView(404, "NOT_FOUND"),
            read: ClientView(404, "NOT_FOUND"),
            .status(5, headers: ["grpc-status-details-bin": "%%%"])
        ),
        Fault(
            "grpc-status-details-bin that is no google.rpc.Status",
            submit: ClientView(404, "NOT_FOUND"),
            read: ClientView(404, "NOT_FOUND"),
            .status(5, details: [0x1A, 0xFF])
        ),
        Fault(
            "a grpc-message with broken percent-encoding",
            submit: ClientView(404, "NOT_FOUND"),
            read: ClientView(404, "NOT_FOUND"),
            .status(5, "%zz%C3 %")
        ),
    ]

    static let protobuf: [Fault] = [
        unreadable("a length beyond the end", [0x0A, 0x7F, 0]),
        unreadable("a length of 2^64-1", [0x0A] + [UInt8](repeating: 0xFF, count: 9) + [1]),
        unreadable("a tag cut off", [0xFF]),
        unreadable("a varint of eleven bytes", [0x08] + [UInt8](repeating: 0xFF, count: 11)),
        unreadable("field number 0", [0x02, 0]),
        unreadable("wire type 7", [0x0F, 0]),
        unreadable("the end of a group that never began", [0x0C]),
        unreadable("10,000 groups that never end", [UInt8](repeating: 0x13, count: 10_000)),
        unreadable("text that is not UTF-8", [0x0A, 1, 0xFF]),
        Fault("unknown fields", submit: .ok, read: .ok, .answer([0xF8, 0x3E, 1])),
        Fault("a field of another wire type than its own", submit: .ok, read: .ok, .answer([0x08, 1])),
    ]

    /// gRPC's "HTTP to gRPC Status Code Mapping".
    static let http: [Fault] =
        [
            (200, .unknown), (400, .internalError), (401, ClientView(401, "UNAUTHENTICATED")),
            (403, ClientView(403, "PERMISSION_DENIED")), (404, ClientView(501, "UNIMPLEMENTED")), (418, .unknown),
            (429, .unavailable), (431, .internalError), (500, .unknown), (502, .unavailable), (503, .unavailable),
            (504, .unavailable),
        ].map { (status: Int, view: ClientView) in
            // A refusal (4xx) is an answer to the submit too; anything else leaves open what became of it.
            let submit = 400..<500 ~= status ? view : .fateUnknown
            return Fault("HTTP \(status) of text/html", submit: submit, read: view, .http(status, body: "<h1>no</h1>"))
        } + [
            Fault("HTTP 503 without a body", submit: .fateUnknown, read: .unavailable, [.trailers([":status": "503"])]),
            Fault(
                "a proper answer of content type application/json",
                submit: .fateUnknown,
                read: .unknown,
                [
                    .headers([":status": "200", "content-type": "application/json"]), .message([0x0A, 0]),
                    .grpcTrailers(),
                ]
            ),
        ]

    private static let tooLarge = ClientView(502, "RESOURCE_EXHAUSTED")

    private static func broken(_ name: String, _ script: Script) -> Fault {
        Fault(name, submit: .fateUnknown, read: .internalError, script)
    }

    /// The answer of a gRPC server that does not say how the call ended, which leaves a submit's fate open.
    private static func withoutStatus(_ name: String, _ script: Script) -> Fault {
        Fault(name, submit: .fateUnknown, read: .unknown, script)
    }

    private static func unreadable(_ name: String, _ message: [UInt8]) -> Fault {
        Fault(name, submit: .unreadable, read: .unreadable, .answer(message))
    }

    private static func message(_ bytes: [UInt8], compressed: Bool = false, length: UInt32? = nil) -> Script {
        [.grpcHeaders(), .message(bytes, compressed: compressed, length: length), .grpcTrailers()]
    }
}
