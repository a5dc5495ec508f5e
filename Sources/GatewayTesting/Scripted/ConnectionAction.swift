/// Something that a scripted upstream does to a whole connection.
package enum ConnectionAction: Sendable {
    /// GOAWAY; the last stream id is an even-handed lie if the test wants one, but never grows (nghttp2 sees to that).
    ///
    /// Streams above the id are forgotten, as RFC 9113, section 6.8 allows. `.max` is the first of a graceful two.
    case goAway(lastStream: Int32, HTTP2ErrorCode, debug: [UInt8])
    /// This many PINGs at once.
    case ping(Int)
    /// A SETTINGS frame in the middle of the connection.
    case settings([HTTP2Setting])
    /// WINDOW_UPDATE for `stream`, 0 for the connection.
    case windowUpdate(stream: Int32, UInt32)
    /// Bytes that go between two frames as they are.
    case raw([UInt8])
    /// Writes what is pending, then ends the TCP connection in order.
    case close
    /// Resets the TCP connection at once; what is pending is lost.
    case abort
}
