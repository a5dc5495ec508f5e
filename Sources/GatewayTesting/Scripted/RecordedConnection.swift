/// A connection to a scripted upstream and what came over it.
package struct RecordedConnection: Sendable {
    /// 1 for the first.
    package let number: Int
    package internal(set) var isOpen = true
    /// Values of the client's SETTINGS, in order.
    package internal(set) var settings: [HTTP2Setting] = []
    /// PINGs that the client sent of its own accord.
    package internal(set) var pings = 0
    /// The client's answers to PINGs.
    package internal(set) var pingAnswers = 0
    /// The client has acknowledged this side's SETTINGS.
    package internal(set) var isSettingsAcknowledged = false
    /// The code of the client's GOAWAY.
    package internal(set) var goAwayCode: HTTP2ErrorCode?
    /// Bytes that the client granted to the connection as a whole by WINDOW_UPDATE.
    package internal(set) var windowGranted: Int64 = 0
}
