package import Bytes
internal import CMicroHTTPD
internal import EventLoop
internal import Glibc

/// One request and its answer.
///
/// Made when the request line has arrived, gone when the last byte of the answer is sent or the connection is lost.
/// What it lends out (target, body, header values) is valid until the answer is handed over.
package final class Exchange {
    private enum Phase {
        /// The header block has not been seen yet.
        case receivingHeader
        case receivingBody
        /// The handler has been called.
        case handling
        case answered
    }

    let server: HTTPServer
    let client: ClientConnection
    private var phase = Phase.receivingHeader
    private(set) var connection: OpaquePointer?
    var wait = Wait.none
    /// libmicrohttpd is closing the connection, whose answer was still waited for.
    var isLeaving = false
    /// Place in the server's ``WaitingExchanges`` while it waits.
    var waitingIndex = 0
    /// It has been looked at once while it waited.
    var hasWaited = false
    /// Counted in the server's ``RequestLoad``.
    private var isLoad = false
    var hangUpWatch: DescriptorWatcher?
    /// The answer's body where it is sent piece by piece; a cycle that ``reportEnd()`` breaks.
    var streamed: StreamedBody?
    private var targetStorage: ByteBuffer
    private var content = RequestBody()
    private var methodStart: UnsafePointer<CChar>?
    /// Whether a body of unknown length can only end with the connection (HTTP/1.0).
    private(set) var knowsNoChunks = false
    /// Whether the request was taken only to be refused before its body was sent, see ``HTTPServer/refusesUnread``.
    package private(set) var bodyIsUnwanted = false

    /// Whether the header block leaves no room for that of an answer; it was taken only to be refused.
    package private(set) var headerIsTooLarge = false

    /// The rule of HTTP that the request breaks; it was taken only to be refused.
    ///
    /// ``method`` and ``target`` are then as far as libmicrohttpd understood them, and there is no ``body``.
    package private(set) var fault: RequestFault?

    /// Whether the answer goes past libmicrohttpd, see ``refuse(_:)``.
    private(set) var isDirect = false
    /// Whether the answer is the last one on its connection.
    private var endsConnection = false
    /// Of the fields that the header holds.
    private(set) var nameLengths = NameLengths.unknown
    /// Header fields of the same name, put together by ``list(_:)``.
    var joined = ByteBuffer()
    /// What is to be remembered of the request, see ``HTTPServer/onEnd``.
    package var record: RequestRecord
    /// ``HTTPServer/onEnd`` is being called, for which the request is lent once more.
    var isEnding = false

    /// Called once if the client goes away while its answer is being waited for, or while one is being streamed.
    ///
    /// In the first case an answer is still due. In the second nothing is: what is written from then on is dropped, and
    /// it is also called where the client asked for no body (HEAD), and where the server closes. It is not called once
    /// the answer has been handed over whole, by ``ResponseWriter/send(status:body:headers:)``,
    /// ``ResponseStream/finish()`` or ``ResponseStream/abort()``. The answer may be given at once.
    package var onHangUp: (() -> Void)?

    init(server: HTTPServer, client: ClientConnection, target: UnsafeRawBufferPointer) {
        self.server = server
        self.client = client
        record = RequestRecord(now: server.now)
        targetStorage = ByteBuffer(capacity: target.count)
        targetStorage.append(contentsOf: target)
        server.exchangesInProgress += 1
        server.begunExchanges &+= 1
        server.silentRuns = 0
        client.begin(self, tick: server.watch.tick)
    }

    /// The request target as it came, query included (RFC 9112, section 3.2).
    package var target: UnsafeRawBufferPointer { targetStorage.bytes }

    /// The content, empty if there was none.
    package var body: UnsafeRawBufferPointer { content.bytes }

    /// Whether the body passed ``HTTPServer/Configuration/maximumBodySize`` and was dropped.
    package var bodyIsTooLarge: Bool { content.isTooLarge }

    /// Whether there is content, be it on its way.
    package var hasContent: Bool {
        switch phase {
        case .receivingHeader, .answered: false
        // Asked by `HTTPServer.refusesUnread`.
        case .receivingBody: true
        case .handling: bodyIsUnwanted || !content.isEmpty
        }
    }

    /// The method's token.
    package var method: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: methodStart, count: methodStart.map { strlen($0) } ?? 0)
    }

    /// Whether the header fields may still be looked at.
    var lendsHeader: Bool { phase != .answered || isEnding }

    /// Whether the client wants no content.
    var isHead: Bool { methodStart.map { strcmp($0, "HEAD") == 0 } ?? false }
}

extension Exchange {
    /// The first call of libmicrohttpd's access handler: the header block is there.
    ///
    /// - Returns: false to close the connection at once.
    func receiveHeader(
        _ connection: OpaquePointer,
        method: UnsafePointer<CChar>,
        url: UnsafePointer<CChar>,
        version: UnsafePointer<CChar>
    ) -> Bool {
        // Whatever begins now could be suspended, which the daemon must not be stopped with.
        guard !server.isClosing, !client.isEnding else { return false }
        self.connection = connection
        methodStart = method
        knowsNoChunks = strcmp(version, "HTTP/1.0") == 0
        let size = gateway_mhd_header_size(connection)
        var block = HeaderBlock(method: method, url: url, target: target, version: version, size: size)
        block.addFields(of: connection)
        fault = block.finish()
        headerIsTooLarge = headerBlockSize(text: size) > server.configuration.maximumHeaderSize
        if fault != nil || headerIsTooLarge {
            refuse()
            guard phase == .handling else { return false }
            suspend()
            return true
        }
        phase = .receivingBody
        nameLengths = block.check.nameLengths
        client.take(header: size)
        client.enter(.body, tick: server.watch.tick)
        // Where a body in chunks ends cannot be seen from here, and libmicrohttpd is lax about it: LF passes for CR LF.
        // So whatever follows is no request.
        endsConnection = block.check.isChunked
        content.announce(contentLength(), limit: server.configuration.maximumBodySize)
        let hasBody = content.announcedLength ?? 0 > 0 || block.check.isChunked
        if hasBody, !bodyIsTooLarge { bodyIsUnwanted = isRefusedUnread }
        // Answered here, the body is not read at all and the connection is closed afterwards.
        if bodyIsTooLarge || bodyIsUnwanted {
            handle()
            if phase == .handling { suspend() }
        }
        return true
    }

    /// A later call of the access handler: a piece of the body is there, or all of it.
    ///
    /// - Returns: false to close the connection at once.
    func advance(data: UnsafeRawBufferPointer) -> Bool {
        guard !server.isClosing else { return false }
        switch phase {
        case .receivingHeader:
            return true
        case .handling:
            countPoll()
            return true
        case .receivingBody:
            server.silentRuns = 0
            guard data.count == 0 else { return receive(data) }
            handle()
            if phase == .handling { poll() }
            return true
        case .answered:
            // Answered past libmicrohttpd. Or it does not ask for what it has: it refused the answer, and would wait for
            // ever.
            return false
        }
    }

    var isReceivingHeader: Bool { phase == .receivingHeader }

    /// Has the handler answer past libmicrohttpd, as the last answer on the connection.
    ///
    /// - Returns: whether it was due.
    @discardableResult
    func refuse(_ fault: RequestFault? = nil) -> Bool {
        guard phase == .receivingHeader || phase == .receivingBody, !server.isClosing else { return false }
        if let fault { self.fault = fault }
        content.clear()
        connection = client.connection
        isDirect = true
        beginHandling()
        client.enter(.busy, tick: server.watch.tick)
        record.enter(.gateway, at: server.now)
        server.handler(self, ResponseWriter(self))
        return true
    }

    /// Answers in place of libmicrohttpd, which is about to refuse the request behind its header block.
    ///
    /// Its own answer would be sent with two header blocks, of which the second one is taken for the body (0.9.75,
    /// `transmit_error_response_len` called by `parse_connection_headers`).
    func refuseBeforeLibrary() {
        connection = client.connection
        guard let length = untrimmed("content-length") else {
            // Nothing else can be wrong but that cookies need more memory than there is.
            headerIsTooLarge = true
            refuse()
            return
        }
        refuse(RequestSyntax.isNumber(length) ? .hugeLength : .invalidLength)
    }

    /// Answers in place of libmicrohttpd, whose memory the header block has filled before its end.
    func refuseOversized() {
        headerIsTooLarge = true
        refuse()
    }

    private func handle() {
        beginHandling()
        client.enter(.busy, tick: server.watch.tick)
        record.enter(.gateway, at: server.now)
        server.handler(self, ResponseWriter(self))
    }

    private func beginHandling() {
        phase = .handling
        isLoad = true
        server.load.count += 1
    }

    /// Keeps a piece of the body, within the limit.
    private func receive(_ data: UnsafeRawBufferPointer) -> Bool {
        client.bodyCount += data.count
        record.receivedBytes += data.count
        server.hasReceivedBody()
        return content.receive(data, limit: server.configuration.maximumBodySize)
    }

    /// Whether to wait until more of the body has come than these `count` bytes of it.
    func putsOff(_ count: Int) -> Bool {
        phase == .receivingBody && content.putsOff(count, received: client.bodyCount)
    }

    /// An empty buffer with room for an answer of `capacity` bytes.
    package func makeBody(capacity: Int) -> ByteBuffer { server.bodies.makeBuffer(capacity: capacity) }

    /// Hands the answer over, called once, by the writer.
    ///
    /// `content` is what it holds, or `body` what that is read from, piece by piece.
    func answer(
        status: UInt16,
        response: OpaquePointer?,
        content: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        body: StreamedBody? = nil
    ) {
        defer { if let response { MHD_destroy_response(response) } }
        guard phase == .handling, let connection else { return }
        phase = .answered
        record.status = status
        if content.count > 0, status != 304, !isHead { record.sentBytes = content.count }
        record.enter(.send, at: server.now)
        guard !isDirect else {
            onHangUp = nil
            write(status: status, response: response, body: content)
            return resume()
        }
        if endsConnection, let response {
            ResponseHeaders(response).add("Connection", "close")
        } else if server.isDraining, let response {
            endsConnection = MHD_get_response_header(response, "Connection") != nil
        }
        if let body {
            streamed = body
            body.attach(to: self)
            // A stream may last for hours, and the request was lent out only up to here.
            self.content.release()
        } else {
            onHangUp = nil
        }
        server.silentRuns = 0
        // Where it is refused, libmicrohttpd calls the access handler again, which then closes the connection.
        if let response, !isLeaving { MHD_queue_response(connection, UInt32(status), response) }
        resume()
    }

    /// The connection is gone, and its memory with it, without a word about the request.
    func completeForgotten() {
        connection = nil
        methodStart = nil
        complete(.REQUEST_TERMINATED_WITH_ERROR)
    }

    /// The request is over: answered, or its connection is gone.
    func complete(_ ending: MHD_RequestTerminationCode) {
        let isFailure = ending == .REQUEST_TERMINATED_WITH_ERROR
        server.silentRuns = 0
        if case .polled = wait { leave() }
        tellEnd(ending)
        // What is behind the last request of a connection is for nobody.
        if isDirect || bodyIsTooLarge || bodyIsUnwanted || isFailure
            || endsConnection && server.isDraining && client.hasUnreadInput
        {
            server.lingering.add(client.descriptor)
        }
        client.end(tick: server.watch.tick)
        connection = nil
        methodStart = nil
        phase = .answered
        server.exchangesInProgress -= 1
        if isLoad { server.load.count -= 1 }
        guard let streamed else { return }
        streamed.connectionHasEnded()
        server.callSoon { [self] in reportEnd() }
    }
}
