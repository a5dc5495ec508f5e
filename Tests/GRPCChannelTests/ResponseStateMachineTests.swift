import Bytes
import RPCCore
import Testing

@testable import GRPCChannel

/// What comes from the server, event by event, and how the call ends.
@Suite
struct ResponseStateMachineTests {
    enum Event {
        case headers([(String, String)], end: Bool = false)
        case data([UInt8])
        case dataEnd
        case reset(HTTP2ErrorCode, byPeer: Bool = true)
    }

    struct Case: CustomTestStringConvertible {
        let name: String
        let events: [Event]
        let code: StatusCode?
        var origin = CallOutcome.Origin.upstream
        var message: String?
        var messages: [[UInt8]] = []
        var resets = false
        var testDescription: String { name }
    }

    static let ok: [(String, String)] = [(":status", "200"), ("content-type", "application/grpc")]
    static let okHead = Event.headers(ok)
    static let one = Event.data([0, 0, 0, 0, 1, 7])
    static let good = Event.headers([("grpc-status", "0")], end: true)

    static let cases: [Case] = [
        Case(name: "one message", events: [okHead, one, good], code: .ok, message: "", messages: [[7]]),
        Case(name: "nothing yet", events: [], code: nil),
        Case(name: "no end yet", events: [okHead, one], code: nil, messages: [[7]]),
        Case(
            name: "content-type with a suffix",
            events: [.headers([(":status", "200"), ("content-type", "application/grpc+proto")]), one, good],
            code: .ok,
            messages: [[7]]
        ),
        Case(
            name: "content-type with a parameter",
            events: [.headers([(":status", "200"), ("content-type", "application/grpc;x=y")]), one, good],
            code: .ok,
            messages: [[7]]
        ),
        Case(
            name: "1xx comes first",
            events: [
                .headers([(":status", "103"), ("link", "x"), ("grpc-status", "5")]), .headers([(":status", "100")]),
                okHead, one, good,
            ],
            code: .ok,
            messages: [[7]]
        ),
        Case(
            name: "1xx ends the stream",
            events: [.headers([(":status", "103")], end: true)],
            code: .internalError,
            origin: .malformedAnswer,
            resets: true
        ),
        Case(
            name: "no message with OK",
            events: [okHead, good],
            code: .internalError,
            origin: .malformedAnswer,
            message: "cardinality violation: no message"
        ),
        Case(
            name: "trailers-only OK",
            events: [.headers(ok + [("grpc-status", "0")], end: true)],
            code: .internalError,
            origin: .malformedAnswer,
            message: "cardinality violation: no message"
        ),
        Case(
            name: "two messages",
            events: [okHead, one, one, good],
            code: .internalError,
            origin: .malformedAnswer,
            message: "cardinality violation: more than one message",
            messages: [[7]],
            resets: true
        ),
        Case(
            name: "two messages in one chunk",
            events: [okHead, .data([0, 0, 0, 0, 1, 7, 0, 0, 0, 0, 1, 8]), good],
            code: .internalError,
            origin: .malformedAnswer,
            messages: [[7]],
            resets: true
        ),
        Case(
            name: "a status other than OK wins over the message",
            events: [okHead, one, .headers([("grpc-status", "9"), ("grpc-message", "no%21")], end: true)],
            code: .failedPrecondition,
            message: "no!",
            messages: [[7]]
        ),
        Case(
            name: "a status other than OK wins over half a message",
            events: [okHead, .data([0, 0, 0]), .headers([("grpc-status", "8")], end: true)],
            code: .resourceExhausted
        ),
        Case(
            name: "trailers-only",
            events: [.headers(ok + [("grpc-status", "5"), ("grpc-message", "no job")], end: true)],
            code: .notFound,
            message: "no job"
        ),
        Case(
            name: "trailers-only without content-type",
            events: [.headers([(":status", "200"), ("grpc-status", "5")], end: true)],
            code: .notFound
        ),
        Case(
            name: "trailers-only with 503 and a status of its own",
            events: [.headers([(":status", "503"), ("grpc-status", "8")], end: true)],
            code: .resourceExhausted
        ),
        Case(
            name: "trailers-only with HTML's content-type",
            events: [.headers([(":status", "502"), ("content-type", "text/html"), ("grpc-status", "0")], end: true)],
            code: .unavailable,
            origin: .httpAnswer,
            message: "the upstream answered HTTP 502 with content-type text/html instead of gRPC"
        ),
        Case(
            name: "a status in headers that do not end the stream does not count",
            events: [.headers(ok + [("grpc-status", "5")]), one, good],
            code: .ok,
            messages: [[7]]
        ),
        Case(
            name: "an unknown code is kept",
            events: [.headers(ok + [("grpc-status", "99")], end: true)],
            code: StatusCode(rawValue: 99)
        ),
        Case(
            name: "404 with HTML",
            events: [.headers([(":status", "404"), ("content-type", "text/html")]), .data([60]), .dataEnd],
            code: .unimplemented,
            resets: true
        ),
        Case(
            name: "503 alone",
            events: [.headers([(":status", "503")], end: true)],
            code: .unavailable,
            origin: .httpAnswer
        ),
        Case(
            name: "408 alone",
            events: [.headers([(":status", "408")], end: true)],
            code: .unknown,
            origin: .httpAnswer
        ),
        Case(
            name: "200 with another content-type",
            events: [.headers([(":status", "200"), ("content-type", "application/grpcweb")])],
            code: .unknown,
            origin: .httpAnswer,
            message: "the upstream answered HTTP 200 with content-type application/grpcweb instead of gRPC",
            resets: true
        ),
        Case(
            name: "no trailers",
            events: [okHead, one, .dataEnd],
            code: .unknown,
            origin: .httpAnswer,
            messages: [[7]]
        ),
        Case(
            name: "trailers without status",
            events: [okHead, one, .headers([("x", "y")], end: true)],
            code: .unknown,
            origin: .httpAnswer,
            message: "the upstream answered HTTP 200 without grpc-status",
            messages: [[7]]
        ),
        Case(
            name: "cut off within the prefix",
            events: [okHead, .data([0, 0, 0]), .dataEnd],
            code: .internalError,
            origin: .malformedAnswer,
            message: "the answer's message is cut off"
        ),
        Case(
            name: "cut off within the message, with OK",
            events: [okHead, .data([0, 0, 0, 0, 2, 1]), good],
            code: .internalError,
            origin: .malformedAnswer,
            message: "the answer's message is cut off"
        ),
        Case(
            name: "cut off, without a status",
            events: [okHead, .data([0, 0, 0, 0, 2, 1]), .headers([], end: true)],
            code: .internalError,
            origin: .malformedAnswer
        ),
        Case(
            name: "compressed without an encoding",
            events: [okHead, .data([1, 0, 0, 0, 1, 7])],
            code: .internalError,
            origin: .malformedAnswer,
            message: "the answer is compressed, though no grpc-encoding was given",
            resets: true
        ),
        Case(
            name: "compressed with an encoding that was not offered",
            events: [.headers(ok + [("grpc-encoding", "gzip")]), .data([1, 0, 0, 0, 1, 7])],
            code: .internalError,
            origin: .malformedAnswer,
            message: "the answer is compressed with gzip, which was not offered",
            resets: true
        ),
        Case(
            name: "an encoding that is not used",
            events: [.headers(ok + [("grpc-encoding", "gzip")]), one, good],
            code: .ok,
            messages: [[7]]
        ),
        Case(
            name: "a flag of two",
            events: [okHead, .data([2, 0, 0, 0, 1, 7])],
            code: .internalError,
            origin: .malformedAnswer,
            resets: true
        ),
        Case(
            name: "too long",
            events: [okHead, .data([0, 0, 0, 0, 101])],
            code: .resourceExhausted,
            origin: .limit,
            message: "the answer has 101 bytes, more than the 100 allowed",
            resets: true
        ),
        Case(
            name: "headers too large",
            events: [.headers(ok + [("x", String(repeating: "y", count: 1000))])],
            code: .internalError,
            origin: .malformedAnswer,
            message: "the answer's headers exceed 1000 bytes",
            resets: true
        ),
        Case(
            name: "headers in the middle",
            events: [okHead, one, .headers([("x", "y")])],
            code: .internalError,
            origin: .malformedAnswer,
            messages: [[7]],
            resets: true
        ),
        Case(
            name: "data before headers",
            events: [one],
            code: .internalError,
            origin: .malformedAnswer,
            resets: true
        ),
        Case(name: "an end before headers", events: [.dataEnd], code: .internalError, origin: .malformedAnswer),
        Case(
            name: "no :status",
            events: [.headers([("content-type", "application/grpc")])],
            code: .internalError,
            origin: .malformedAnswer,
            resets: true
        ),
        Case(
            name: "a :status of four digits",
            events: [.headers([(":status", "2000")])],
            code: .internalError,
            origin: .malformedAnswer,
            resets: true
        ),
        Case(name: "data after trailers", events: [okHead, one, good, one, one], code: .ok, messages: [[7]]),
        Case(name: "trailers after trailers", events: [okHead, one, good, good, .dataEnd], code: .ok, messages: [[7]]),
        Case(name: "a reset after trailers", events: [okHead, one, good, .reset(.cancel)], code: .ok, messages: [[7]]),
        Case(
            name: "reset with CANCEL",
            events: [okHead, .reset(.cancel)],
            code: .cancelled,
            origin: .reset,
            message: "the upstream reset the stream: CANCEL"
        ),
        Case(name: "reset with REFUSED_STREAM", events: [.reset(.refusedStream)], code: .unavailable, origin: .reset),
        Case(name: "reset with NO_ERROR", events: [okHead, .reset(.noError)], code: .internalError, origin: .reset),
        Case(
            name: "reset by our own HTTP/2 layer",
            events: [okHead, .reset(.protocolError, byPeer: false)],
            code: .internalError,
            origin: .malformedAnswer
        ),
    ]

    @Test(arguments: cases)
    func answers(_ test: Case) {
        let result = play(test.events)
        #expect(result.ending?.status.code == test.code)
        #expect(result.messages == test.messages)
        guard let ending = result.ending else { return }
        #expect(ending.origin == test.origin)
        #expect(ending.resetsStream == test.resets)
        if let message = test.message { #expect(ending.status.message == message) }
        #expect(result.endings == 1)
    }

    @Test(arguments: ["", "-1", "1x", "05", "00", "4294967296", " 5"])
    func aMalformedStatusIsUnknown(value: String) {
        let ending = play([.headers(Self.ok + [("grpc-status", value)], end: true)]).ending
        #expect(ending?.status.code == .unknown)
        #expect(ending?.status.message.contains("malformed grpc-status") == true)
    }

    @Test(arguments: ["CAUSAg==", "CAUSAg"])
    func detailsAreDecoded(value: String) {
        let fields = Self.ok + [("grpc-status", "5"), ("grpc-status-details-bin", value)]
        let ending = play([.headers(fields, end: true)]).ending
        #expect(ending?.status.details == [8, 5, 0x12, 2])
    }

    /// Which of the two an intermediary believed, nobody knows.
    @Test(arguments: [("5", "0"), ("0", "5"), ("0", ""), ("x", "0"), ("0", "00")])
    func twoDifferentStatusesAreMalformed(first: String, second: String) {
        let trailers = Event.headers([("grpc-status", first), ("grpc-status", second)], end: true)
        let ending = play([Self.okHead, Self.one, trailers]).ending
        #expect(ending?.status == Status(.internalError, "the answer has two different grpc-status"))
        #expect(ending?.origin == .malformedAnswer)
    }

    @Test
    func theSameStatusTwiceIsOne() {
        let trailers = Event.headers([("grpc-status", "0"), ("grpc-status", "0")], end: true)
        #expect(play([Self.okHead, Self.one, trailers]).ending?.status == .ok)
    }

    @Test(arguments: [
        ["CAUSAg==,CAUSAg=="], ["CAUSAg, CAcSAg"], ["!,CAUSAg"], [",CAUSAg=="], ["CAUSAg==", "CAcSAg=="],
        ["CAUSAg==", "!"], ["!", "CAUSAg=="], ["", "CAUSAg=="],
    ])
    func theFirstWellFormedDetailsCount(values: [String]) {
        let fields = Self.ok + [("grpc-status", "5")] + values.map { ("grpc-status-details-bin", $0) }
        let ending = play([.headers(fields, end: true)]).ending
        #expect(ending?.status.details == [8, 5, 0x12, 2])
    }

    @Test
    func detailsThatAreNotBase64AreDropped() {
        let fields = Self.ok + [("grpc-status", "5"), ("grpc-status-details-bin", "!")]
        let ending = play([.headers(fields, end: true)]).ending
        #expect(ending?.status == Status(.notFound))
    }

    @Test
    func aStreamingMethodTakesAnyNumberOfMessages() {
        for count in [0, 1, 3] {
            let events = [Self.okHead] + Array(repeating: Self.one, count: count) + [Self.good]
            let result = play(events, isServerStreaming: true)
            #expect(result.ending?.status.code == .ok)
            #expect(result.messages.count == count)
        }
    }

    @Test(arguments: [true, false])
    func initialMetadataIsKeptOnlyOnRequest(isAsked: Bool) {
        let events: [Event] = [
            .headers(Self.ok + [("x-a", "1")]), Self.one, .headers([("grpc-status", "0"), ("x-b", "2")], end: true),
        ]
        let result = play(events, keepsInitialMetadata: isAsked)
        #expect(result.initial["x-a"] == (isAsked ? "1" : nil))
        #expect(result.initial["content-type"] == nil)
        #expect(result.trailers["x-b"] == "2")
        #expect(result.trailers["grpc-status"] == nil)
    }

    private func play(
        _ events: [Event],
        isServerStreaming: Bool = false,
        keepsInitialMetadata: Bool = false
    ) -> Result {
        var machine = ResponseStateMachine(
            isServerStreaming: isServerStreaming,
            maxMessageBytes: 100,
            maxHeaderListBytes: 1000,
            keepsInitialMetadata: keepsInitialMetadata
        )
        var result = Result()
        for event in events {
            switch event {
            case .headers(let fields, let end):
                for (name, value) in fields {
                    let verdict = Array(name.utf8).withUnsafeBytes { name in
                        Array(value.utf8).withUnsafeBytes { value in
                            machine.receiveHeader(name: name, value: value, endsStream: end)
                        }
                    }
                    result.note(verdict)
                }
                result.note(machine.receiveHeadersEnd(endsStream: end))
            case .data(let bytes): bytes.withUnsafeBytes { result.take($0, &machine) }
            case .dataEnd: result.note(machine.receiveDataEnd())
            case .reset(let code, let byPeer): result.note(machine.receiveReset(code, byPeer: byPeer))
            }
        }
        result.initial = machine.initialMetadata
        result.trailers = machine.trailers
        return result
    }

    private struct Result {
        var ending: ResponseStateMachine.Ending?
        var endings = 0
        var messages: [[UInt8]] = []
        var initial = Metadata()
        var trailers = Metadata()

        mutating func note(_ verdict: ResponseStateMachine.Verdict) {
            guard case .finish(let ending) = verdict else { return }
            self.ending = ending
            endings += 1
        }

        mutating func take(_ bytes: UnsafeRawBufferPointer, _ machine: inout ResponseStateMachine) {
            var chunk = bytes
            while true {
                switch machine.receiveData(&chunk) {
                case .needsMore: return
                case .message(let message): messages.append(Array(message))
                case .assembled:
                    let assembled = machine.takeAssembled()
                    messages.append(Array(assembled.bytes))
                case .finish(let ending): note(.finish(ending))
                }
            }
        }
    }
}
