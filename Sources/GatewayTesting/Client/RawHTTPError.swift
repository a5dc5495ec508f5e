/// Why an answer could not be read.
package enum RawHTTPError: Error, Hashable {
    /// Nothing came within the client's timeout; what had come by then.
    case timeout(received: String)
    /// The connection ended first; what had come by then.
    case closed(received: String)
    /// The server reset the connection.
    case reset
    /// The answer breaks RFC 9112 or RFC 9110: how.
    case malformed(String)
}
