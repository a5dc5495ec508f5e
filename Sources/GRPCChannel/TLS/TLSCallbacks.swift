internal import CGnuTLS
internal import Glibc

/// GnuTLS's callbacks: each finds its session and hands over to one method.
///
/// Their context is the session, unretained: it owns the GnuTLS session, which calls back only while one of the owner's
/// methods is on the stack (lifetime rule a).
enum TLSCallbacks {
    /// Makes `raw` read from `session` and write to it.
    static func attach(_ session: TLSSession, to raw: gnutls_session_t) {
        let context = Unmanaged.passUnretained(session).toOpaque()
        gnutls_session_set_ptr(raw, context)
        gnutls_transport_set_ptr(raw, context)
        gnutls_transport_set_push_function(raw) { context, bytes, count in
            guard let session = TLSCallbacks.session(context) else { return -1 }
            session.push(UnsafeRawBufferPointer(start: bytes, count: count))
            return count
        }
        gnutls_transport_set_pull_function(raw) { context, target, count in
            guard let session = TLSCallbacks.session(context), let target else { return -1 }
            let taken = session.pull(into: target, count)
            // Zero would be the end of the stream; GnuTLS reads `errno` where nothing else is set.
            guard taken == 0 else { return taken }
            errno = EAGAIN
            return -1
        }
        gnutls_transport_set_pull_timeout_function(raw) { context, _ in
            TLSCallbacks.session(context)?.hasInput == true ? 1 : 0
        }
        // Within the handshake, before the server is told who we are.
        gnutls_session_set_verify_function(raw) { raw in
            guard let raw, let session = TLSCallbacks.session(gnutls_session_get_ptr(raw)) else { return -1 }
            return session.verifyServer() ? 0 : -1
        }
        gnutls_handshake_set_hook_function(
            raw,
            GNUTLS_HANDSHAKE_NEW_SESSION_TICKET.rawValue,
            Int32(GNUTLS_HOOK_POST)
        ) { raw, _, _, _, _ in
            TLSCallbacks.session(gnutls_session_get_ptr(raw))?.ticketReceived()
            return 0
        }
    }

    private static func session(_ context: UnsafeMutableRawPointer?) -> TLSSession? {
        context.map { Unmanaged<TLSSession>.fromOpaque($0).takeUnretainedValue() }
    }
}
