/// How a scripted upstream treats one connection from the start.
package struct ConnectionBehavior: Sendable {
    package enum Ending: Sendable {
        case no, close, abort
    }

    /// The first SETTINGS frame; nil never sends one, nor acknowledges the client's.
    package var settings: [HTTP2Setting]?
    /// Bytes written before anything else, HTTP/2 or not.
    package var greeting: [UInt8]
    /// Ends the connection as soon as it is accepted, after the greeting.
    package var endsAtOnce: Ending
    package var answersPings: Bool
    /// Sends WINDOW_UPDATE as request bodies arrive.
    package var grantsWindow: Bool
    /// Reads from the socket at all.
    package var reads: Bool
    /// Bytes of padding in each HEADERS and DATA frame, as far as it has room (RFC 9113, section 6.1).
    package var padding: UInt8

    package init(
        settings: [HTTP2Setting]? = [.maxConcurrentStreams(100)],
        greeting: [UInt8] = [],
        endsAtOnce: Ending = .no,
        answersPings: Bool = true,
        grantsWindow: Bool = true,
        reads: Bool = true,
        padding: UInt8 = 0
    ) {
        self.settings = settings
        self.greeting = greeting
        self.endsAtOnce = endsAtOnce
        self.answersPings = answersPings
        self.grantsWindow = grantsWindow
        self.reads = reads
        self.padding = padding
    }

    package static let standard = ConnectionBehavior()
}
