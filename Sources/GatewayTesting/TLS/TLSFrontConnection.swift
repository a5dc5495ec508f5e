internal import CGnuTLS
import Glibc

/// One connection of a ``TLSFront``, on a thread of its own, with blocking sockets.
struct TLSFrontConnection {
    let descriptor: Int32
    let number: Int
    let upstreamPort: UInt16
    let credentials: TLSFrontCredentials
    let state: Monitor<TLSFrontState>

    private enum End {
        case inOrder, abrupt
    }

    /// Serves until one side ends.
    func run() {
        let end = serve()
        state.update { state in
            state.descriptors.remove(descriptor)
            state.connections[number].isOpen = false
        }
        switch end {
        case .inOrder: Sockets.closeInOrder(descriptor)
        case .abrupt: Sockets.abort(descriptor)
        }
    }

    private func serve() -> End {
        switch credentials.options.misconduct {
        case .closesInHandshake, .stallsInHandshake: return misbehaveInHandshake()
        default: break
        }
        guard let session = credentials.makeSession(descriptor) else { return .abrupt }
        defer { gnutls_deinit(session) }
        var result: Int32
        repeat { result = gnutls_handshake(session) } while result < 0 && gnutls_error_is_fatal(result) == 0
        guard result >= 0 else {
            record { connection in
                connection.handshakeError = String(cString: gnutls_strerror(result))
                connection.alert = alert(session, result)
            }
            gnutls_alert_send_appropriate(session, result)
            return .inOrder
        }
        recordHandshake(of: session)
        guard let upstream = try? Sockets.connect(host: "127.0.0.1", port: upstreamPort) else { return .inOrder }
        guard state.update({ $0.isStopping ? false : $0.descriptors.insert(upstream).inserted }) else {
            close(upstream)
            return .inOrder
        }
        let end = pump(session, upstream)
        _ = state.update { $0.descriptors.remove(upstream) }
        close(upstream)
        return end
    }

    private func misbehaveInHandshake() -> End {
        var hello = [UInt8](repeating: 0, count: 4096)
        _ = recv(descriptor, &hello, hello.count, 0)
        guard credentials.options.misconduct == .stallsInHandshake else { return .inOrder }
        // Until the client goes, or the front is stopped.
        while recv(descriptor, &hello, hello.count, 0) > 0 {}
        return .inOrder
    }

    private func pump(_ session: gnutls_session_t, _ upstream: Int32) -> End {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var sent = 0
        var watched = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: upstream, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            poll(&watched, 2, gnutls_record_check_pending(session) > 0 ? 0 : -1)
            if watched[0].revents != 0 || gnutls_record_check_pending(session) > 0 {
                let count = gnutls_record_recv(session, &buffer, buffer.count)
                if count == 0 {
                    record { $0.isEndedInOrder = true }
                    return .inOrder
                }
                if count > 0 {
                    guard write(buffer[..<count], to: upstream) else { return .inOrder }
                } else if gnutls_error_is_fatal(Int32(count)) != 0 {
                    record { $0.alert = alert(session, Int32(count)) }
                    return .inOrder
                }
            }
            guard watched[1].revents != 0 else { continue }
            let count = recv(upstream, &buffer, buffer.count, 0)
            guard count > 0 else {
                guard count == 0 else { return .abrupt }
                if credentials.options.misconduct != .endsWithoutNotice { gnutls_bye(session, GNUTLS_SHUT_WR) }
                return .inOrder
            }
            guard send(buffer[..<count], session) else { return .inOrder }
            disturb(session, before: sent, after: sent + count)
            sent += count
        }
    }

    private func disturb(_ session: gnutls_session_t, before: Int, after: Int) {
        switch credentials.options.misconduct {
        case .updatesKeys(let every) where before / every != after / every:
            if gnutls_session_key_update(session, UInt32(GNUTLS_KU_PEER)) >= 0 { record { $0.keyUpdates += 1 } }
        case .renegotiates where before == 0:
            gnutls_rehandshake(session)
        default: break
        }
    }

    private func send(_ bytes: ArraySlice<UInt8>, _ session: gnutls_session_t) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { gnutls_record_send(session, $0.baseAddress, $0.count) }
            guard count > 0 || gnutls_error_is_fatal(Int32(count)) == 0 else { return false }
            rest = rest.dropFirst(max(0, count))
        }
        return true
    }

    private func write(_ bytes: ArraySlice<UInt8>, to upstream: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(upstream, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func recordHandshake(of session: gnutls_session_t) {
        var name = [UInt8](repeating: 0, count: 256)
        var length = name.count
        var type: UInt32 = 0
        let hasName = gnutls_server_name_get(session, &name, &length, &type, 0) >= 0
        var peers: UInt32 = 0
        let hasCertificate = gnutls_certificate_get_peers(session, &peers) != nil
        record { connection in
            connection.version = String(cString: gnutls_protocol_get_name(gnutls_protocol_get_version(session)))
            if hasName { connection.serverName = String(decoding: name[..<length], as: UTF8.self) }
            connection.isResumed = gnutls_session_is_resumed(session) != 0
            connection.hasClientCertificate = hasCertificate
        }
    }

    private func alert(_ session: gnutls_session_t, _ code: Int32) -> String? {
        guard code == GNUTLS_E_FATAL_ALERT_RECEIVED else { return nil }
        return String(cString: gnutls_alert_get_name(gnutls_alert_get(session)))
    }

    private func record(_ change: (inout RecordedTLS) -> Void) {
        state.update { change(&$0.connections[number]) }
    }
}
