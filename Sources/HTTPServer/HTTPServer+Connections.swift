internal import Bytes
internal import CMicroHTTPD
internal import EventLoop
internal import Glibc

/// Connections as they come and go.
extension HTTPServer {
    /// Takes in a connection that libmicrohttpd has accepted, or turns it away.
    ///
    /// Called by libmicrohttpd before it has its epoll set watch the socket.
    ///
    /// - Returns: what it is known by, with a retain; nil if it was turned away.
    func begin(_ connection: OpaquePointer) -> Unmanaged<ClientConnection>? {
        acceptedConnections &+= 1
        let peer = gateway_mhd_client_address(connection).flatMap { IPAddress(socketAddress: UnsafeRawPointer($0)) }
        switch connections?.admit(peer) {
        case .refused(let limit):
            turnAway(gateway_mhd_connection_fd(connection), limit)
            return nil
        case .admitted(let place):
            return watched(connection, peer, place)
        case nil:
            return watched(connection, peer, nil)
        }
    }

    private func watched(
        _ connection: OpaquePointer,
        _ peer: IPAddress?,
        _ place: ConnectionLedger.Place?
    ) -> Unmanaged<ClientConnection> {
        let tls = secure(connection)
        let client = ClientConnection(connection, peer: peer, place: place, tls: tls, tick: watch.tick)
        watch.insert(client)
        // Rule (b): C owns the connection's object until it tells of its end.
        return Unmanaged.passRetained(client)
    }

    /// The connection is about to be closed.
    func end(_ client: ClientConnection) {
        client.tls?.end()
        watch.remove(client)
        if let place = client.place { connections?.giveBack(place) }
    }

    /// Answers a connection that there is no room for, where there is something to say, and ends it.
    ///
    /// It lingers, so that the client gets to read that. Where many do, as under attack, it is closed at once, which for
    /// a client that has sent its request already may look like a reset.
    /// With TLS there is nothing that could be said before the handshake.
    private func turnAway(_ descriptor: Int32, _ limit: ConnectionLedger.Limit) {
        if !usesTLS {
            answer(.connection(limit), on: descriptor) { LastAnswer.send($0, to: descriptor) }
        }
        deadEnd.takePlace(of: descriptor)
    }

    /// Answers the request whose header block has filled libmicrohttpd's memory before its end.
    ///
    /// If that is another one's it is refused rightly as well, and libmicrohttpd answers this one, in its own words.
    func refuseOversizedHeader() {
        guard let client = watch.connectionWithPartialHeader(above: configuration.maximumHeaderSize) else { return }
        if let exchange = client.exchange {
            exchange.refuseOversized()
        } else {
            answer(.requestLine, on: client.descriptor) { client.sendLast($0) }
        }
    }

    /// Writes an answer to what is not known to be a request, where there is something to say, as the last one.
    private func answer(
        _ cause: RefusalCause,
        on descriptor: Int32,
        _ send: (UnsafeRawBufferPointer) -> Void
    ) {
        if let refusal = onRefusal?(cause) {
            var message = ByteBuffer(capacity: 512 + refusal.body.count)
            LastAnswer.appendHead(status: refusal.status, bodyCount: refusal.body.count, to: &message)
            message.append(utf8: refusal.fields)
            message.append("\r\n")
            message.append(contentsOf: refusal.body.bytes)
            send(message.bytes)
            lingering.add(descriptor)
        }
    }
}
