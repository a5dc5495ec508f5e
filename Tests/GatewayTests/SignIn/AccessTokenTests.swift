import RPCCore
import Testing

@testable import Gateway

/// How long a token may be used, and when it is renewed.
@Suite
struct AccessTokenTests {
    private static func part(_ text: String) -> String {
        String(BinaryMetadata.encode(Array(text.utf8), isPadded: false).map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
    }

    private static func jwt(_ payload: String) -> String {
        "\(part(#"{"alg":"ES256"}"#)).\(part(payload)).c2ln"
    }

    private func makeGrant(_ token: String, at time: Double = 1000) -> AccessToken.Grant? {
        Array(token.utf8).withUnsafeBytes { AccessToken.Grant(token: $0, time: time) }
    }

    private func token(lifetime seconds: Double) throws -> AccessToken {
        let grant = try #require(makeGrant(AccessTokenTests.jwt(#"{"exp":\#(1000 + seconds)}"#)))
        return AccessToken(grant, serial: 1, now: Deadline(nanoseconds: 5_000_000_000))
    }

    @Test(arguments: [
        (#"{"exp":1060}"#, 60_000_000_000), (#"{"sub":"ü?>~","exp":1000.5,"x":[{}]}"#, 500_000_000),
        (#"{"exp":1000}"#, 0), (#"{"exp":-5}"#, 0), (#"{"exp":1e300}"#, 9_000_000_000_000_000_000),
        (#"{"exp":1e999}"#, 9_000_000_000_000_000_000), (#"{"exp":-1e999}"#, 0),
    ])
    func expiry(payload: String, lifetime: UInt64) throws {
        let grant = try #require(makeGrant(AccessTokenTests.jwt(payload)))
        #expect(grant.lifetime == lifetime)
        #expect(grant.authorization == "Bearer " + AccessTokenTests.jwt(payload))
    }

    @Test(arguments: [
        "opaque", "a.b", "..", "a..c", ".e30.", jwt("{}"), jwt(#"{"exp":"1060"}"#), jwt(#"{"exp":null}"#), jwt("1"),
        jwt(#"{"exp":1060"#), jwt(""), "a.!!!!.c", "a.eyJleHAiOjEwNjB9=.c", "a.e+/=.c", "a.e.c",
        // Standard base64 is no base64url.
        "a.\(BinaryMetadata.encode(Array(#"{"exp":1060,"a":"??>>"}"#.utf8), isPadded: false)).c",
    ])
    func withoutExpiry(text: String) throws {
        let grant = try #require(makeGrant(text))
        #expect(grant.lifetime == nil)
        let token = AccessToken(grant, serial: 1, now: Deadline(nanoseconds: 5))
        #expect(token.expiresAt == .never)
        #expect(token.refreshAt == .never)
    }

    @Test(arguments: ["", "a b", "a\n", "\u{E9}", "a\0", String(repeating: "t", count: 8193)])
    func noToken(text: String) {
        #expect(makeGrant(text) == nil)
    }

    @Test(arguments: [(100.0, 90.0), (600, 540), (6000, 5940), (1, 0.9)])
    func renewal(lifetime: Double, refresh: Double) throws {
        let token = try token(lifetime: lifetime)
        #expect(token.expiresAt.nanoseconds == 5_000_000_000 + UInt64(lifetime * 1e9))
        #expect(token.refreshAt.nanoseconds == 5_000_000_000 + UInt64(refresh * 1e9))
    }

    /// With a clock that is wrong each request would sign in otherwise.
    @Test(arguments: [0.0, -1, -1e9])
    func anExpiredTokenServesForAMoment(lifetime: Double) throws {
        let token = try token(lifetime: lifetime)
        #expect(token.expiresAt.nanoseconds == 10_000_000_000)
        #expect(token.refreshAt.nanoseconds == 9_500_000_000)
    }

    @Test(arguments: [
        ("opaque-secret", true), ("no such token: Bearer opaque-secret!", true), ("opaque-secre opaque-secreT", false),
        ("", false), ("Bearer ", false),
    ])
    func itIsFoundInText(text: String, isThere: Bool) throws {
        let token = AccessToken(try #require(makeGrant("opaque-secret")), serial: 7, now: Deadline(nanoseconds: 0))
        #expect(token.occurs(in: text) == isThere)
        #expect(Array(text.utf8).withUnsafeBytes(token.occurs) == isThere)
    }

    @Test
    func itDoesNotShow() throws {
        let grant = try #require(makeGrant("opaque-secret"))
        let token = AccessToken(grant, serial: 7, now: Deadline(nanoseconds: 0))
        var text = "\(grant) \(token) \(String(reflecting: token)) \([token]) \(SignInBoard.Outcome.token(token))"
        dump(token, to: &text)
        dump([grant], to: &text)
        #expect(!text.contains("opaque"))
        #expect(text.contains("access token 7"))
    }

    @Test
    func theWallClockIsInSeconds() {
        // After 2020 and before 2100.
        #expect((1_577_836_800...4_102_444_800).contains(AccessToken.wallClock()))
    }
}
