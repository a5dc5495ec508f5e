internal import Bytes
internal import EventLoop

/// What lies between socket and session where the target asks for TLS.
extension HTTP2Connection {
    func connected() {
        guard upstream.target.usesTLS else { return openSession() }
        guard let client = upstream.tls else { return close("no TLS credentials were given", origin: .network) }
        guard let opened = client.makeSession() else {
            return close("TLS: GnuTLS makes no session for \(client.server.text)", origin: .network)
        }
        tls = opened
        advance(opened)
    }

    /// Takes TLS as far as what was received goes, and what it says in clear with it.
    func advance(_ tls: TLSSession) {
        defer { tls.endInput() }
        while !isClosed {
            switch tls.next() {
            case .established: openSession()
            case .plaintext(let bytes): parse(bytes)
            case .needsInput:
                writeSealed(tls)
                return settle()
            case .ended:
                let reason = "the upstream closed the connection"
                return close(tls.describeLoss(reason, isAnnounced: true, isReady: isReady), origin: .network)
            case .failed(let reason):
                writeSealed(tls)
                return close(reason, origin: .network)
            }
        }
    }

    func writeSealed(_ tls: TLSSession) {
        socket?.write(tls.sealed.bytes)
        tls.dropSealed()
    }

    /// The byte stream has failed, or ended where there is no `error`.
    func streamEnded(_ error: String?) {
        let reason = error ?? "the upstream closed the connection"
        close(tls?.describeLoss(reason, isAnnounced: false, isReady: isReady) ?? reason, origin: .network)
    }
}
