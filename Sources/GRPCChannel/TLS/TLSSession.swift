internal import Bytes
internal import CGnuTLS
internal import TLSSupport

/// The client's end of one TLS connection, between bytes of the network and bytes of the application; no I/O.
///
/// What the server sends is given to ``receive(_:)`` and then drawn out with ``next()``; what is to be sent gathers in
/// ``sealed``. Owns the GnuTLS session and frees it in `deinit`; GnuTLS calls back on the stack of our own calls alone
/// (lifetime rule a).
final class TLSSession {
    enum Event {
        /// All that was received has been used.
        case needsInput
        /// The handshake is done, the server is who it should be and speaks HTTP/2.
        case established
        /// Bytes of the application, valid until the next call.
        case plaintext(UnsafeRawBufferPointer)
        /// The server has ended its side in order (close_notify).
        case ended
        /// TLS has failed for good, and here is why; an alert for the server may be in ``sealed``.
        case failed(String)
    }

    private enum Phase {
        case handshake, established
        /// The server has ended its side; it hears the same from us yet (RFC 8446, section 6.1).
        case ended
        case over
    }

    /// Largest plaintext of a record (RFC 8446, section 5.1).
    private static let recordLimit = 16_384

    /// How many records in a row may carry no data: a server that sends more wants to keep us busy.
    private static let patience = 1000

    private let session: gnutls_session_t
    private let client: TLSClient
    private var phase = Phase.handshake
    /// The rest of what was received; borrowed from the caller of ``receive(_:)``.
    private var input = UnsafeRawBufferPointer(start: nil, count: 0)
    /// The record that ``Event/plaintext(_:)`` points into.
    private var packet: gnutls_packet_t?
    private var hasNewTicket = false
    /// What speaks against the server's certificate, in `GNUTLS_CERT_…` bits.
    private var verdict: UInt32 = 0
    /// Whether the server's first bytes could be TLS, which tells how to report that they make no sense.
    private var looksLikeTLS: Bool?
    /// Bytes on their way to the server.
    private(set) var sealed = ByteBuffer()

    init?(_ client: TLSClient) {
        var session: gnutls_session_t?
        let flags = GNUTLS_CLIENT.rawValue | GNUTLS_NONBLOCK.rawValue | GNUTLS_FORCE_CLIENT_CERT.rawValue
        guard gnutls_init(&session, flags) >= 0, let session else { return nil }
        self.session = session
        self.client = client
        guard configure() else { return nil }
    }

    deinit {
        releasePacket()
        gnutls_deinit(session)
    }

    var isResumed: Bool { gnutls_session_is_resumed(session) != 0 }

    private func configure() -> Bool {
        let credentials = client.credentials
        let server = client.server
        guard credentials.certificates.equip(session) else { return false }
        // Addresses are not sent (RFC 6066, section 3).
        if !server.isAddress {
            let name = server.text
            guard gnutls_server_name_set(session, GNUTLS_NAME_DNS, name, name.utf8.count) >= 0 else { return false }
        }
        var protocolName: [UInt8] = [UInt8(ascii: "h"), UInt8(ascii: "2")]
        let offered = protocolName.withUnsafeMutableBufferPointer { name in
            withUnsafePointer(to: gnutls_datum_t(data: name.baseAddress, size: UInt32(name.count))) {
                gnutls_alpn_set_protocols(session, $0, 1, 0)
            }
        }
        guard offered >= 0 else { return false }
        if let resumption = client.takeResumption() {
            // Data that it cannot use leads to a full handshake.
            gnutls_session_set_data(session, resumption, resumption.count)
        }
        TLSCallbacks.attach(self, to: session)
        return true
    }

    // MARK: - Receiving

    /// Takes `bytes`, which must stay valid until ``next()`` has asked for more or ``endInput()`` was called.
    func receive(_ bytes: UnsafeRawBufferPointer) {
        if looksLikeTLS == nil, let first = bytes.first {
            // A handshake or an alert is what a server can begin with (RFC 8446, section 5.1).
            looksLikeTLS = first == 22 || first == 21
        }
        input = bytes
    }

    /// Forgets what is left of the input.
    func endInput() {
        input = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// Goes on with what was received, up to the next event; without input, starts the handshake.
    func next() -> Event {
        releasePacket()
        switch phase {
        case .handshake: return shakeHands()
        case .established: return readRecord()
        case .ended, .over: return .ended
        }
    }

    private func shakeHands() -> Event {
        for _ in 0..<TLSSession.patience {
            let result = gnutls_handshake(session)
            if result == GNUTLS_E_SUCCESS { return finishHandshake() }
            guard gnutls_error_is_fatal(result) == 0 else { return fail(result) }
            if input.isEmpty { return .needsInput }
        }
        return fail(because: "the server sends too many warnings")
    }

    private func finishHandshake() -> Event {
        if isResumed {
            // The certificate is that of the first connection, and may have expired since.
            guard verifyServer() else { return fail(GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR) }
        }
        var selected = gnutls_datum_t()
        guard gnutls_alpn_get_selected_protocol(session, &selected) >= 0, selected.size == 2, let name = selected.data,
            name[0] == UInt8(ascii: "h"), name[1] == UInt8(ascii: "2")
        else {
            gnutls_alert_send(session, GNUTLS_AL_FATAL, GNUTLS_A_NO_APPLICATION_PROTOCOL)
            return fail(because: TLSFailure.noHTTP2)
        }
        phase = .established
        // In TLS 1.3 the ticket comes later, and asking for it now would wait for it.
        if gnutls_protocol_get_version(session) == GNUTLS_TLS1_2 { client.keepResumption(of: session) }
        hasNewTicket = false
        return .established
    }

    private func readRecord() -> Event {
        for _ in 0..<TLSSession.patience {
            let result = gnutls_record_recv_packet(session, &packet)
            if hasNewTicket {
                hasNewTicket = false
                client.keepResumption(of: session)
            }
            if result > 0, packet != nil {
                var data = gnutls_datum_t()
                gnutls_packet_get(packet, &data, nil)
                return .plaintext(UnsafeRawBufferPointer(start: data.data, count: Int(data.size)))
            }
            if result == 0 {
                // An empty record is legal and means nothing; GnuTLS gives a packet for it, and none for close_notify.
                guard packet == nil else {
                    releasePacket()
                    continue
                }
                phase = .ended
                return .ended
            }
            let code = Int32(clamping: result)
            // RFC 9113, section 9.2.1: no renegotiation.
            guard code != GNUTLS_E_REHANDSHAKE else {
                gnutls_alert_send(session, GNUTLS_AL_FATAL, GNUTLS_A_NO_RENEGOTIATION)
                return fail(because: "the server asked for a renegotiation, which HTTP/2 forbids")
            }
            guard gnutls_error_is_fatal(code) == 0 else { return fail(code) }
            // Tickets and new keys end the call too, with more behind them.
            if input.isEmpty, gnutls_record_check_pending(session) == 0 { return .needsInput }
        }
        return fail(because: "the server sends too much that carries no data")
    }

    private func fail(_ code: Int32) -> Event {
        let reason: String
        switch code {
        case GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR, GNUTLS_E_CERTIFICATE_ERROR:
            reason = CertificateVerdict(status: verdict, of: session).describe(host: client.server.text)
        case GNUTLS_E_FATAL_ALERT_RECEIVED:
            reason = TLSFailure.describe(alert: gnutls_alert_get(session))
        default:
            reason = looksLikeTLS == false ? TLSFailure.noTLS : TLSFailure.describe(code)
        }
        if code != GNUTLS_E_FATAL_ALERT_RECEIVED { gnutls_alert_send_appropriate(session, code) }
        return fail(because: reason)
    }

    private func fail(because reason: String) -> Event {
        phase = .over
        return .failed("TLS: \(reason)")
    }

    private func releasePacket() {
        guard let packet else { return }
        self.packet = nil
        gnutls_packet_deinit(packet)
    }

    /// What it means that the connection is lost: to TLS, which had or had not `isAnnounced` it, and to HTTP/2, whose
    /// server had or had not shown that it `isReady`.
    func describeLoss(_ reason: String, isAnnounced: Bool, isReady: Bool) -> String {
        guard phase != .handshake else { return "TLS: the handshake was cut short: \(reason)" }
        if isReady { return isAnnounced ? reason : "\(reason), without ending TLS" }
        // In TLS 1.3 the server looks at our certificate after our handshake is done, and some then hang up silently.
        return "TLS: \(reason) right after the handshake; it may refuse our client certificate, or its absence"
    }

    // MARK: - Sending

    /// Puts `bytes` into records; false if TLS has ended or fails.
    func seal(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard phase == .established else { return false }
        var rest = bytes
        let records = (bytes.count + TLSSession.recordLimit - 1) / TLSSession.recordLimit
        sealed.reserve(bytes.count + records * 64)
        while !rest.isEmpty {
            let count = gnutls_record_send(session, rest.baseAddress, min(rest.count, TLSSession.recordLimit))
            // The push callback takes everything, so there is no such thing as "again".
            guard count > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return true
    }

    /// Says that nothing follows (close_notify), once.
    func end() {
        guard phase == .established || phase == .ended else { return }
        phase = .over
        gnutls_bye(session, GNUTLS_SHUT_WR)
    }

    /// Forgets what has been written to the network.
    func dropSealed() {
        sealed.truncate(to: 0)
    }

    // MARK: - What GnuTLS asks for

    /// Takes bytes for the server.
    func push(_ bytes: UnsafeRawBufferPointer) {
        sealed.append(contentsOf: bytes)
    }

    var hasInput: Bool { !input.isEmpty }

    /// Gives up to `count` bytes from the server; returns how many.
    func pull(into target: UnsafeMutableRawPointer, _ count: Int) -> Int {
        let taken = min(count, input.count)
        guard taken > 0, let start = input.baseAddress else { return 0 }
        target.copyMemory(from: start, byteCount: taken)
        input = UnsafeRawBufferPointer(rebasing: input[taken...])
        return taken
    }

    /// Whether the server has shown a certificate that is good and its own.
    func verifyServer() -> Bool {
        let server = client.server
        var status: UInt32 = 0
        let result = gnutls_certificate_verify_peers(
            session,
            server.demands.baseAddress,
            UInt32(server.demands.count),
            &status
        )
        if result < 0 { status |= GNUTLS_CERT_INVALID.rawValue }
        // GnuTLS would make do with a common name, which RFC 9525 (section 2) no longer allows.
        if !server.isAddress, !CertificateVerdict.hasDNSName(session) {
            status |= GNUTLS_CERT_UNEXPECTED_OWNER.rawValue
        }
        verdict = status
        return status == 0
    }

    /// The server has sent a ticket, which is ready to be kept once GnuTLS is off the stack.
    func ticketReceived() {
        hasNewTicket = true
    }
}
