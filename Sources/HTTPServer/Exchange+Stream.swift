internal import CMicroHTTPD
internal import Glibc

extension Exchange {
    /// Waits for more of the streamed body: called by its reader when there is nothing to send.
    ///
    /// - Returns: false where there is no use in waiting.
    func waitForBody() -> Bool {
        // libmicrohttpd must not be stopped with a suspended connection.
        guard connection != nil, !server.isClosing else { return false }
        suspend()
        return true
    }

    /// Lets a client whose body ends with its connection see that it has not come to its end, by a TCP reset.
    ///
    /// Closing alone would look like the proper end. Of a unix socket there is no reset.
    func resetIfUnchunked() {
        guard knowsNoChunks, let connection else { return }
        var nowhere = sockaddr()
        nowhere.sa_family = sa_family_t(AF_UNSPEC)
        // Linux resets a connected TCP socket that is connected to nowhere, connect(2).
        _ = Glibc.connect(gateway_mhd_connection_fd(connection), &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
    }

    /// Nobody has to be told any more that the client is gone.
    func bodyHasEnded() {
        onHangUp = nil
    }

    /// Ends a streamed answer that waits for more, as the server closes.
    func giveUpBody() {
        if streamed != nil { resume() }
    }

    /// Lets go of a stream that is over, and tells if the client did not wait for its end.
    func reportEnd() {
        streamed?.detach()
        streamed = nil
        let hangUp = onHangUp
        onHangUp = nil
        hangUp?()
    }
}
