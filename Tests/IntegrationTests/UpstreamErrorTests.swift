import Foundation
import GatewayTesting
import Testing

/// What upstream says, as a client sees it.
@Suite(.sharedScriptedStack())
struct UpstreamErrorTests {
    private let stack: ScriptedStack

    init() throws {
        stack = try SharedScriptedStack.current
    }

    @Test(arguments: [
        (1, 499, "CANCELLED"), (2, 500, "UNKNOWN"), (3, 400, "INVALID_ARGUMENT"), (4, 504, "DEADLINE_EXCEEDED"),
        (5, 404, "NOT_FOUND"), (6, 409, "ALREADY_EXISTS"), (7, 403, "PERMISSION_DENIED"),
        (8, 429, "RESOURCE_EXHAUSTED"), (9, 400, "FAILED_PRECONDITION"), (10, 409, "ABORTED"),
        (11, 400, "OUT_OF_RANGE"), (12, 501, "UNIMPLEMENTED"), (13, 500, "INTERNAL"), (14, 503, "UNAVAILABLE"),
        (15, 500, "DATA_LOSS"), (16, 401, "UNAUTHENTICATED"),
    ])
    func aStatusCode(code: Int, status: Int, name: String) throws {
        for script in [Script.status(code, "it is so"), [.grpcHeaders(), .grpcTrailers(code, "it is so")]] {
            let answer = try stack.answer(to: script)
            #expect(answer.status == status)
            // The one thing that the gateway adds: which clock it was.
            let details = code == 4 ? [answer.detail("ErrorInfo")] : []
            #expect(
                answer.error == [
                    "code": .number(Double(status)), "status": .string(name), "message": "it is so",
                    "details": .array(details),
                ]
            )
            #expect((answer.detail("ErrorInfo")["reason"] == "DEADLINE_UPSTREAM") == (code == 4))
            #expect(answer.headers["content-type"] == "application/json")
            #expect(answer.headers["x-content-type-options"] == "nosniff")
            #expect((answer.headers["www-authenticate"] != nil) == (status == 401))
        }
    }

    @Test
    func anUnknownStatusCode() throws {
        let answer = try stack.answer(to: .status(99, "odd"))
        #expect(answer.status == 500)
        #expect(answer.error["code"] == 500)
        #expect(answer.error["message"] == "odd")
    }

    @Test
    func unauthenticatedNamesTheScheme() throws {
        let answer = try stack.answer(to: .status(16, "sign in \"first\""))
        #expect(answer.status == 401)
        #expect(answer.headers["www-authenticate"] == #"Bearer realm="Viam""#)
    }

    @Test(arguments: [
        ("caf%C3%A9 100%25", "café 100%"), ("broken %C3 %zz %", nil), ("%22quoted%22%0A", "\"quoted\"\n"), ("", ""),
        // Not allowed by HTTP, but so gRPC's servers send it.
        ("no job x ", "no job x "), (" no job", " no job"),
    ])
    func aPercentEncodedMessage(message: String, decoded: String?) throws {
        let answer = try stack.answer(to: .status(3, message))
        #expect(answer.status == 400)
        if let decoded { #expect(answer.error["message"] == .string(decoded)) }
        #expect(answer.error["message"].text != nil)
    }

    @Test
    func knownDetailsAreExpanded() throws {
        let resource = ProtobufFixture.message {
            $0.string(1, "training job")
            $0.string(2, "42")
            $0.string(4, "there is none")
        }
        let request = ProtobufFixture.message { request in
            request.message(1) {
                $0.string(1, "dataset_id")
                $0.string(2, "is required")
            }
        }
        let details = ProtobufFixture.status(
            5,
            "no job 42",
            details: [("google.rpc.ResourceInfo", resource), ("google.rpc.BadRequest", request)]
        )
        let answer = try stack.answer(to: .status(5, "no job 42", details: details))
        #expect(answer.status == 404)
        #expect(answer.error["message"] == "no job 42")
        #expect(answer.error["details"].elements.count == 2)
        #expect(answer.detail("ResourceInfo")["resourceType"] == "training job")
        #expect(answer.detail("ResourceInfo")["resourceName"] == "42")
        #expect(answer.detail("ResourceInfo")["description"] == "there is none")
        #expect(answer.violatedFields == ["dataset_id"])
    }

    @Test
    func unknownDetailsAreKeptAsBase64() throws {
        let known = ProtobufFixture.message { $0.string(1, "WHY") }
        let details = ProtobufFixture.status(
            9,
            "",
            details: [("acme.Secret", [0, 255, 1, 254]), ("google.rpc.ErrorInfo", known), ("acme.Empty", [])]
        )
        let answer = try stack.answer(to: .status(9, "no", details: details))
        let unknown = answer.error["details"][0]
        #expect(unknown == ["@type": "type.googleapis.com/acme.Secret", "value": "AP8B/g=="])
        #expect(answer.error["details"][1]["reason"] == "WHY")
        #expect(answer.error["details"][2] == ["@type": "type.googleapis.com/acme.Empty", "value": ""])
    }

    @Test
    func aKnownDetailThatIsMalformedIsKeptAsBase64() throws {
        let details = ProtobufFixture.status(5, "", details: [("google.rpc.ResourceInfo", [0x0A, 0xFF])])
        let answer = try stack.answer(to: .status(5, "no", details: details))
        #expect(answer.status == 404)
        #expect(
            answer.error["details"] == [["@type": "type.googleapis.com/google.rpc.ResourceInfo", "value": "Cv8="]]
        )
    }

    @Test
    func detailsThatAreNotAStatusDoNotHideTheError() throws {
        let answer = try stack.answer(to: .status(5, "no", details: [0xFF, 0xFF, 0xFF]))
        #expect(answer.status == 404)
        #expect(answer.error["message"] == "no")
    }

    @Test(arguments: [(Int64(3), Int64(0), "3"), (0, 1, "1"), (2, 500_000_000, "3"), (0, 0, "0")])
    func retryInfoBecomesRetryAfter(seconds: Int64, nanos: Int64, header: String) throws {
        let info = ProtobufFixture.message { info in
            info.message(1) {
                $0.varint(1, seconds)
                $0.varint(2, nanos)
            }
        }
        let details = ProtobufFixture.status(14, "", details: [("google.rpc.RetryInfo", info)])
        let answer = try stack.answer(to: .status(14, "later", details: details))
        #expect(answer.status == 503)
        #expect(answer.headers["retry-after"] == header)
        #expect(answer.detail("RetryInfo")["retryDelay"].text?.hasSuffix("s") == true)
    }

    @Test
    func aProblemDocumentHoldsTheSameFacts() throws {
        let details = ProtobufFixture.status(7, "", details: [("acme.Secret", [1])])
        let answer = try stack.answer(
            to: .status(7, "not yours", details: details),
            headers: ["Accept": "application/problem+json"]
        )
        #expect(answer.headers["content-type"] == "application/problem+json")
        #expect(
            answer.json == [
                "type": "about:blank", "title": "Forbidden", "status": 403, "detail": "not yours",
                "grpcStatus": "PERMISSION_DENIED",
                "details": [["@type": "type.googleapis.com/acme.Secret", "value": "AQ=="]],
            ]
        )
    }

    @Test(arguments: [
        (400, 500, "INTERNAL"), (401, 401, "UNAUTHENTICATED"), (403, 403, "PERMISSION_DENIED"),
        (404, 501, "UNIMPLEMENTED"), (418, 500, "UNKNOWN"), (429, 503, "UNAVAILABLE"), (431, 500, "INTERNAL"),
        (500, 500, "UNKNOWN"), (502, 503, "UNAVAILABLE"), (503, 503, "UNAVAILABLE"), (504, 503, "UNAVAILABLE"),
        (200, 500, "UNKNOWN"),
    ])
    func anAnswerThatIsNotGRPC(http: Int, status: Int, name: String) throws {
        let answer = try stack.answer(to: .http(http, body: "<h1>no</h1>"))
        #expect(answer.status == status)
        #expect(answer.error["status"] == .string(name))
        #expect(answer.error["code"] == .number(Double(status)))
    }

    @Test(arguments: [
        (HTTP2ErrorCode.noError, 500, "INTERNAL"), (.protocolError, 500, "INTERNAL"), (.internalError, 500, "INTERNAL"),
        (.flowControlError, 500, "INTERNAL"), (.streamClosed, 500, "INTERNAL"), (.frameSizeError, 500, "INTERNAL"),
        (.refusedStream, 503, "UNAVAILABLE"), (.cancel, 499, "CANCELLED"),
        (.enhanceYourCalm, 429, "RESOURCE_EXHAUSTED"), (.inadequateSecurity, 403, "PERMISSION_DENIED"),
        (.http11Required, 500, "INTERNAL"),
    ])
    func aStreamThatIsReset(code: HTTP2ErrorCode, status: Int, name: String) throws {
        for script: Script in [[.reset(code)], [.grpcHeaders(), .reset(code)]] {
            let answer = try stack.answer(to: script)
            #expect(answer.status == status)
            #expect(answer.error["status"] == .string(name))
        }
    }

    @Test(arguments: [
        Script.answer([0x0A, 0xFF]), .answer(ProtobufFixture.message { $0.bytes(1, [0x3A, 1, 0xFF]) }),
        [.grpcHeaders(), .grpcTrailers()], [.grpcHeaders(), .message([], compressed: true), .grpcTrailers()],
        [.grpcHeaders(), .message([1, 2], length: 9), .grpcTrailers()],
        [.grpcHeaders(), .message([]), .message([]), .grpcTrailers()],
    ])
    func anAnswerThatCannotBeRead(script: Script) throws {
        let answer = try stack.answer(to: script)
        #expect(answer.status == 500)
        #expect(answer.error["status"] == "INTERNAL")
        #expect(answer.error["message"].text?.isEmpty == false)
    }

    @Test
    func aJobIsPrintedWithItsDefaultsAndUnknownErrorDetails() throws {
        let job = ProtobufFixture.message { response in
            response.message(1) { job in
                job.string(7, "7")
                job.varint(2, Int64(4))
                job.bytes(8, ProtobufFixture.status(10, "broke", details: [("acme.Secret", [1])]))
                job.message(3) { $0.varint(1, Int64(1_700_000_000)) }
                job.varint(999, Int64(1))
            }
        }
        let answer = try stack.answer(to: .answer(job))
        #expect(answer.status == 200)
        #expect(answer.json["id"] == "7")
        #expect(answer.json["status"] == "TRAINING_STATUS_FAILED")
        #expect(answer.json["createdOn"] == "2023-11-14T22:13:20Z")
        #expect(answer.json["tags"] == [])
        #expect(answer.json["arguments"] == [:])
        #expect(answer.json["isCustomJob"] == false)
        #expect(answer.json["modelType"] == "MODEL_TYPE_UNSPECIFIED")
        #expect(answer.json["lastModified"] == .null)
        #expect(!answer.json.names.contains("lastModified"))
        #expect(
            answer.json["errorStatus"] == [
                "code": 10, "message": "broke",
                "details": [["@type": "type.googleapis.com/acme.Secret", "value": "AQ=="]],
            ]
        )
    }

    @Test
    func anAbsentJobIsPrintedAsAnEmptyOne() throws {
        let answer = try stack.answer(to: .answer([]))
        #expect(answer.status == 200)
        #expect(answer.json["id"] == "")
        #expect(answer.json["status"] == "TRAINING_STATUS_UNSPECIFIED")
        #expect(!answer.json.names.contains("createdOn"))
    }
}
