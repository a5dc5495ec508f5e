internal import Glibc
internal import RPCCore

/// A token that Viam has given out, and how long it may be used.
struct AccessToken: Sendable {
    /// Grows with each sign-in of this process, so that the same text given out twice counts as two.
    let serial: UInt64
    /// What calls carry as `authorization`.
    let authorization: String
    /// When its sign-in ended.
    let issuedAt: Deadline
    /// From then on a new one should be got, though this one is still good.
    var refreshAt: Deadline
    let expiresAt: Deadline

    /// Longest time before its end that a token is renewed, in nanoseconds; a tenth of its life where that is less.
    static let largestMargin: UInt64 = 60_000_000_000
    /// How long a token is used that has expired by this machine's clock, in nanoseconds.
    ///
    /// It is the clock that is wrong, more likely than not; without it each request would sign in.
    static let expiredLifetime: UInt64 = 5_000_000_000

    init(_ grant: Grant, serial: UInt64, now: Deadline) {
        self.serial = serial
        authorization = grant.authorization
        issuedAt = now
        guard var lifetime = grant.lifetime else {
            (refreshAt, expiresAt) = (.never, .never)
            return
        }
        if lifetime == 0 { lifetime = AccessToken.expiredLifetime }
        expiresAt = now.advanced(by: lifetime)
        refreshAt = now.advanced(by: lifetime - min(lifetime / 10, AccessToken.largestMargin))
    }

    /// What a sign-in brought.
    struct Grant: Sendable {
        let authorization: String
        /// Nanoseconds until the token expires, 0 if it already has; nil if it does not say.
        let lifetime: UInt64?

        /// Most bytes of a token.
        static let maximumSize = 8192
        /// What stands before a token.
        static let scheme: StaticString = "Bearer "

        /// The grant of `token`, as upstream sent it at `time`, in seconds since 1970, what `exp` is counted in.
        ///
        /// Nil if it is empty, too long, or holds what is not visible ASCII.
        init?(token: UnsafeRawBufferPointer, time: Double) {
            guard (1...Grant.maximumSize).contains(token.count), token.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                return nil
            }
            authorization = "\(Grant.scheme)" + String(decoding: token, as: UTF8.self)
            lifetime = JSONWebToken.expiry(of: token).map { expiry in
                // A thousand years are as good as for ever, and fit.
                UInt64(max(0, min(expiry - time, 9e9)) * 1e9)
            }
        }
    }

    /// Seconds since 1970 by the system's clock.
    static func wallClock() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

extension AccessToken: CustomReflectable, CustomStringConvertible {
    var description: String { "access token \(serial)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

extension AccessToken.Grant: CustomReflectable, CustomStringConvertible {
    var description: String { "an access token" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
