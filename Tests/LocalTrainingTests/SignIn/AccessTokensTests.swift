import Foundation
import LocalTraining
import Testing

@Suite struct AccessTokensTests {
    private let clock = TestClock()

    private func tokens(lifetime: Int = 60) -> AccessTokens {
        AccessTokens(lifetime: lifetime, now: clock.now)
    }

    /// What a part of a token says.
    private func json(_ part: Substring) throws -> [String: Any] {
        let bytes = try #require(Base64URL.decode(part))
        return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    @Test func isAJSONWebToken() throws {
        let parts = try tokens().issue(to: "an \"id\"\\").split(separator: ".")
        try #require(parts.count == 3)
        let header = try json(parts[0])
        #expect(header["alg"] as? String == "HS256" && header["typ"] as? String == "JWT" && header.count == 2)
        let claims = try json(parts[1])
        #expect(claims["sub"] as? String == "an \"id\"\\")
        #expect(claims["iat"] as? Int == 1_800_000_000)
        #expect(claims["exp"] as? Int == 1_800_000_061)
        #expect((claims["jti"] as? String)?.count == 36 && claims.count == 4)
        #expect(Base64URL.decode(parts[2])?.count == 32)

        let everlasting = try json(try tokens(lifetime: 0).issue(to: "id").split(separator: ".")[1])
        #expect(everlasting["exp"] == nil && everlasting.count == 3)
    }

    @Test func noTwoAreTheSame() throws {
        let tokens = tokens()
        #expect(Set(try (0..<100).map { _ in try tokens.issue(to: "id") }).count == 100)
    }

    @Test(
        arguments: [
            (1, 0, false), (1, 999, false), (1, 1000, false), (1, 1499, false), (1, 1500, true), (1, 9999, true),
            (60, 60_000, false), (60, 60_500, true), (0, 3_000_000_000_000, false),
        ] as [(Int, Int64, Bool)]
    )
    func lives(_ lifetime: Int, _ age: Int64, _ isExpired: Bool) throws {
        let tokens = tokens(lifetime: lifetime)
        let token = try tokens.issue(to: "id")
        clock.advance(milliseconds: age)
        if isExpired {
            #expect(throws: TokenRefusal.expired) { try tokens.check(token) }
        } else {
            #expect(try tokens.check(token) == "id")
        }
    }

    /// The secret is a value's own, as it is a run's own.
    @Test func knowsItsOwn() throws {
        let token = try tokens().issue(to: "id")
        #expect(throws: TokenRefusal.foreign) { try tokens().check(token) }
    }

    @Test func noticesEveryChange() throws {
        let tokens = tokens()
        let token = try tokens.issue(to: "id")
        for index in token.indices {
            for other in ["A", "Q", "-", ".", "="] where token[index...].first != other.first {
                let forged = token[..<index] + other + token[token.index(after: index)...]
                #expect(throws: TokenRefusal.self, "\(forged)") { try tokens.check(String(forged)) }
            }
            #expect(throws: TokenRefusal.self) { try tokens.check(String(token[..<index])) }
        }
        #expect(throws: TokenRefusal.self) { try tokens.check(token + "A") }
    }

    /// Tokens whose header chooses another algorithm, with the claims and the code of a good one.
    @Test(
        arguments: [
            #"{"alg":"none"}"#, #"{"alg":"none","typ":"JWT"}"#, #"{"alg":"None","typ":"JWT"}"#,
            #"{"alg":"HS512","typ":"JWT"}"#, #"{"typ":"JWT","alg":"HS256"}"#, "{}", "",
        ]
    )
    func choosesTheAlgorithmItself(_ header: String) throws {
        let tokens = tokens()
        let parts = try tokens.issue(to: "id").split(separator: ".")
        for code in ["", parts[2]] {
            let forged = "\(Base64URL.encode(header.utf8)).\(parts[1]).\(code)"
            #expect(throws: TokenRefusal.foreign) { try tokens.check(forged) }
        }
    }

    @Test(arguments: ["", ".", "a", "garbage", "AA.AA", "AA.AA.AA.AA", "AA.é.AA", "AA.AA.A", "AA.AA.AA=", "A A.AA.AA"])
    func refusesGarbage(_ text: String) {
        #expect(throws: TokenRefusal.malformed) { try tokens().check(text) }
    }

    @Test(arguments: ["Bearer TOKEN", "bearer TOKEN", "BEARER  TOKEN"])
    func readsMetadata(_ value: String) throws {
        let tokens = tokens()
        let token = try tokens.issue(to: "id")
        #expect(try tokens.check(authorization: [value.replacing("TOKEN", with: token)]) == "id")
    }

    @Test(
        arguments: [
            ([], .missing), ([""], .malformed), (["TOKEN"], .malformed), (["Bearer"], .malformed),
            (["Bearer "], .malformed), (["BearerTOKEN"], .malformed), (["Basic TOKEN"], .malformed),
            (["Bearer TOKEN TOKEN"], .malformed), (["Bearer TOKEN,"], .malformed),
            (["Bearer TOKEN", "Bearer TOKEN"], .malformed), (["Bearer nonsense"], .malformed),
        ] as [([String], TokenRefusal)]
    )
    func refusesMetadata(_ values: [String], _ refusal: TokenRefusal) throws {
        let tokens = tokens()
        let token = try tokens.issue(to: "id")
        #expect(throws: refusal) {
            try tokens.check(authorization: values.map { $0.replacing("TOKEN", with: token) })
        }
    }

    @Test func refusalsAreToldApart() {
        #expect(Set(TokenRefusal.allCases.map(\.message)).count == TokenRefusal.allCases.count)
    }
}
