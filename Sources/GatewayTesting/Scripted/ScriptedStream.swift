/// A stream of a scripted connection: its script and how far that has come.
final class ScriptedStream {
    enum Waiting {
        case nothing
        /// The script has not started: the request is not far enough.
        case request
        /// nghttp2 has not taken all of ``data`` yet.
        case data
        case time(MonotonicTime)
        case gate(Gate)
    }

    let id: Int32
    /// Index of its ``RecordedRequest``.
    let request: Int
    var registration: UpstreamState.Registration?
    var steps: ArraySlice<Script.Step> = []
    var waiting = Waiting.request
    /// The DATA step that is under way.
    var data: ArraySlice<UInt8> = []
    var hasSentHeaders = false
    /// END_STREAM has been sent; what the script still sends is against the protocol and meant to be.
    var hasSentEnd = false
    /// nghttp2 has closed the stream: what is left of the script can only concern the connection.
    var isClosed = false

    init(id: Int32, request: Int) {
        self.id = id
        self.request = request
    }

    var isWaitingForRequest: Bool {
        if case .request = waiting { return true }
        return false
    }
}
