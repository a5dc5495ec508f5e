internal import CMicroHTTPD
internal import EventLoop

// How a request waits for its answer: libmicrohttpd asks for it, then forgets the connection, and then somebody has to see
// whether the client is still there.
extension Exchange {
    /// How libmicrohttpd is kept from going on without what it needs.
    ///
    /// To suspend a connection and to resume it costs two changes of its epoll set and a read in vain (0.9.75). So who
    /// waits for an answer stays where he is at first, and libmicrohttpd asks for it in each of its runs.
    enum Wait {
        case none
        /// Has been asked for so many times.
        case polled(UInt8)
        case suspended
    }

    /// Has libmicrohttpd ask for the answer in each run; only where the whole request is there.
    func poll() {
        // With TLS there are runs that bring something without calling anyone.
        guard connection != nil, !server.usesTLS else { return suspend() }
        wait = .polled(0)
        server.polledExchanges += 1
        server.waiting.insert(self)
    }

    /// Counts that libmicrohttpd has asked once more, and has it stop after a while.
    func countPoll() {
        guard case .polled(let count) = wait else { return }
        guard count < Exchange.maximumPolls, !hasWaited else { return suspend() }
        wait = .polled(count + 1)
    }

    /// So many cost less than suspending does.
    private static let maximumPolls: UInt8 = 6

    /// Has libmicrohttpd forget the connection until ``resume()``; only from within its callbacks for this connection.
    func suspend() {
        guard let connection else { return }
        switch wait {
        case .suspended: return
        case .polled: server.polledExchanges -= 1
        case .none: server.waiting.insert(self)
        }
        wait = .suspended
        MHD_suspend_connection(connection)
    }

    /// Lets libmicrohttpd go on in its next run, if it is waiting.
    func resume() {
        switch wait {
        case .none: return
        case .polled:
            server.waiting.remove(self)
            server.polledExchanges -= 1
        case .suspended:
            server.waiting.remove(self)
            if let connection { MHD_resume_connection(connection) }
        }
        wait = .none
        server.wakeUp()
    }

    /// Watches the client's end of the connection, from the second look on.
    func watchIfWaitingLong(on loop: EventLoop) {
        guard hasWaited else {
            hasWaited = true
            // So that it is asked for once more, and suspended.
            if case .polled = wait { server.wakeUp() }
            return
        }
        guard hangUpWatch == nil, let connection else { return }
        // Without a watch the call merely runs to its end, so a failure here is no reason to fail the request.
        hangUpWatch = try? DescriptorWatcher(gateway_mhd_connection_fd(connection), for: .disconnected, on: loop) {
            [unowned self] in
            hungUp()
        }
    }

    /// The client has gone, and libmicrohttpd, which was polling for the answer, closes the connection.
    ///
    /// An answer that is made now is for the record alone: libmicrohttpd is on the stack, and would take it, although it is
    /// about to free the connection's memory.
    func leave() {
        isLeaving = true
        resume()
        let hangUp = onHangUp
        onHangUp = nil
        hangUp?()
    }

    private func hungUp() {
        // The watch would go on telling. It stays in its place, so that there is no other before the next resume.
        hangUpWatch?.close()
        let hangUp = onHangUp
        onHangUp = nil
        streamed?.clientIsGone()
        hangUp?()
    }

    /// Must come before libmicrohttpd gets the socket back, since it may close it.
    func stopWatching() {
        hangUpWatch?.close()
        hangUpWatch = nil
    }
}
