internal import CMicroHTTPD
internal import EventLoop

/// The TLS handshakes of a server that wait for their client.
///
/// libmicrohttpd takes a socket for readable until a read of the established connection has found nothing (0.9.75,
/// `MHD_run_tls_handshake_`), so it would call GnuTLS again and again for the whole round trip that a client needs, and
/// for all the time that one takes who has stopped halfway. So a connection whose handshake has found nothing to read is
/// suspended until there is something.
final class Handshakes {
    private let loop: EventLoop
    private let onInput: () -> Void
    /// Those that found nothing in this run.
    private var starved: [TLSConnection] = []
    /// Those that are suspended.
    private var waiting: [ObjectIdentifier: TLSConnection] = [:]
    /// The one that was read from last, while libmicrohttpd runs.
    private var latest: TLSConnection?
    /// Credentials of connections that libmicrohttpd has ended in this run, after which GnuTLS has no use for them.
    private var retired: [ServerCredentials] = []

    /// `onInput` is called when libmicrohttpd should run, since a suspended connection goes on.
    init(on loop: EventLoop, onInput: @escaping () -> Void) {
        self.loop = loop
        self.onInput = onInput
    }

    /// A handshake has read from its client, and found nothing where it `isStarved`.
    func hasRead(_ connection: TLSConnection, isStarved: Bool) {
        latest = connection
        if isStarved { starved.append(connection) }
    }

    func retire(_ credentials: ServerCredentials) {
        retired.append(credentials)
    }

    /// libmicrohttpd says that a handshake has failed, and is about to close the connection.
    func oneHasFailed() {
        latest?.refuseHandshake()
    }

    /// To be called after each run of libmicrohttpd.
    func settle() {
        latest = nil
        if !retired.isEmpty { retired = [] }
        guard !starved.isEmpty else { return }
        let due = starved
        starved = []
        for connection in due { wait(for: connection) }
    }

    private func wait(for connection: TLSConnection) {
        guard !connection.hasEnded, !connection.isEstablished, connection.watcher == nil else { return }
        // Without a watch the handshake costs more than it should, which is no reason to fail it.
        connection.watcher = try? DescriptorWatcher(connection.descriptor, for: .readable, on: loop) {
            [unowned self, unowned connection] in
            resume(connection)
            onInput()
        }
        guard connection.watcher != nil else { return }
        // No function of libmicrohttpd is on the stack, and this is its thread, so it need not be in a callback.
        MHD_suspend_connection(connection.connection)
        waiting[ObjectIdentifier(connection)] = connection
    }

    private func resume(_ connection: TLSConnection) {
        // Before libmicrohttpd gets the socket back, since it may close it.
        connection.watcher?.close()
        connection.watcher = nil
        MHD_resume_connection(connection.connection)
        waiting[ObjectIdentifier(connection)] = nil
    }

    /// Gives all connections back to libmicrohttpd, which must not be stopped with suspended ones.
    func close() {
        for connection in waiting.values { resume(connection) }
    }
}
