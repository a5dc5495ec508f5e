internal import CMicroHTTPD

/// Keeping the ``Exchange/record`` of a request.
extension Exchange {
    /// Whether the client speaks HTTP/1.0.
    package var isHTTP10: Bool { knowsNoChunks }

    /// Nanoseconds of the monotonic clock, for ``RequestRecord/enter(_:at:)``.
    package var now: UInt64 { server.now }

    /// libmicrohttpd has taken so many bytes of the streamed body.
    func hasFetched(_ count: Int) {
        server.hasFetchedBody = true
        record.sentBytes += count
    }

    /// Hands the record out, while libmicrohttpd still has the request.
    func tellEnd(_ ending: MHD_RequestTerminationCode) {
        guard let onEnd = server.onEnd else { return }
        record.settle(at: server.now)
        // What went past libmicrohttpd is with the kernel, whatever libmicrohttpd makes of the connection.
        record.isCutOff = !isDirect && ending != .REQUEST_TERMINATED_COMPLETED_OK
        if record.isCutOff, record.culprit == nil {
            record.culprit = ending == .REQUEST_TERMINATED_DAEMON_SHUTDOWN ? .gateway : .client
        }
        // libmicrohttpd tells of the end before it clears the request's memory.
        isEnding = true
        onEnd(self)
        isEnding = false
    }
}
