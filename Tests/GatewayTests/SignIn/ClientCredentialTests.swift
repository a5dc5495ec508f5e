import Bytes
import RPCCore
import Testing

@testable import Gateway

/// Which header fields are an API key, and what is said about those that are none.
@Suite
struct ClientCredentialTests {
    private enum Reading: Equatable {
        case bearer
        case key(String, String)
        case failure(UInt16, String)
    }

    private static func base64(_ text: String, isPadded: Bool = true) -> String {
        BinaryMetadata.encode(Array(text.utf8), isPadded: isPadded)
    }

    private func read(_ authorization: String?, _ id: String? = nil, _ key: String? = nil) -> Reading {
        lend(authorization) { authorization in
            lend(id) { id in
                lend(key) { key in
                    var scratch = ByteBuffer()
                    let fields = CredentialFields(authorization: authorization, keyID: id, key: key)
                    do throws(RequestFailure) {
                        switch try ClientCredential(fields, scratch: &scratch) {
                        case .bearer: return .bearer
                        case .key(let id, let secret):
                            return .key(String(decoding: id, as: UTF8.self), String(decoding: secret, as: UTF8.self))
                        }
                    } catch {
                        guard case .errorInfo(let info) = error.details else { return .failure(0, "") }
                        return .failure(error.status.rawValue, info.reason.description)
                    }
                }
            }
        }
    }

    private func lend<Result>(_ text: String?, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        guard let text else { return body(nil) }
        return Array(text.utf8).withUnsafeBytes { body($0) }
    }

    @Test(arguments: [
        ("id", "key"), ("id", "a:b:c"), ("i d", " "), ("é", "日本"), ("id", String(repeating: "k", count: 1024)),
        (String(repeating: "i", count: 256), "k"),
    ])
    func keys(id: String, secret: String) {
        let pair = "\(id):\(secret)"
        let expected = Reading.key(id, secret)
        for scheme in ["Basic ", "basic ", "BASIC   "] {
            #expect(read(scheme + ClientCredentialTests.base64(pair)) == expected)
            #expect(read(scheme + ClientCredentialTests.base64(pair, isPadded: false)) == expected)
        }
        #expect(read(nil, id, secret) == expected)
        #expect(read("Basic " + ClientCredentialTests.base64(pair), id, secret) == expected)
    }

    @Test(arguments: ["Bearer t", "bearer t", "BEARER  a.b.c"])
    func tokens(authorization: String) {
        #expect(read(authorization) == .bearer)
        #expect(read(authorization, "id", "key") == .failure(400, "CREDENTIALS_CONTRADICT"))
    }

    @Test(arguments: [
        "", "Basic", "Basic ", "Basic =", "Basic !!!!", "Basic aWQ", "Basic\taWQ6a2V5", "Basic aWQ6a2V5 x",
        "Basic \(base64("nocolon"))", "Basic \(base64(":key"))", "Basic \(base64("id:"))", "Basic \(base64(":"))",
        "Basic \(base64("id:k\ny"))", "Basic \(base64("i\0d:key"))", "Basic aWQ6/w==", "Basics aWQ6a2V5", "Digest x",
        "Bearer", "Bearer ",
        "Basic \(base64("id:" + String(repeating: "k", count: 1025)))",
        "Basic \(base64(String(repeating: "i", count: 257) + ":k"))", "aWQ6a2V5",
    ])
    func malformed(authorization: String) {
        #expect(read(authorization) == .failure(401, "API_KEY_MALFORMED"))
    }

    @Test
    func halves() {
        #expect(read(nil) == .failure(401, "API_KEY_MISSING"))
        for (id, key) in [("id", nil), (nil, "key"), ("", "key"), ("id", ""), ("a\u{7F}", "b")] {
            #expect(read(nil, id, key) == .failure(401, "API_KEY_MALFORMED"))
        }
    }

    @Test
    func contradictions() {
        let basic = "Basic " + ClientCredentialTests.base64("id:key")
        for (id, key) in [("id", "kez"), ("ie", "key"), ("id:key", "x"), ("i", "d:key")] {
            #expect(read(basic, id, key) == .failure(400, "CREDENTIALS_CONTRADICT"))
        }
    }

    @Test
    func aWipedBufferHoldsNothing() {
        var buffer = ByteBuffer()
        buffer.append("secret")
        let memory = buffer.bytes
        buffer.wipe()
        let isEmpty = buffer.isEmpty
        #expect(isEmpty)
        // The memory is still the buffer's.
        #expect(memory.allSatisfy { $0 == 0 })
        withExtendedLifetime(buffer.capacity) {}
    }
}
