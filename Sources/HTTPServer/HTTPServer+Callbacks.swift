internal import CMicroHTTPD
internal import Glibc

/// What libmicrohttpd calls: thunks that find their object and call one method on it.
extension HTTPServer {
    /// The daemon's options, in the order of `enum MHD_OPTION`.
    static func options(
        _ configuration: Configuration,
        listener: Int32,
        context: UnsafeMutableRawPointer
    ) -> [MHD_OptionItem] {
        let limit = configuration.connectionMemory
        return secureOptions(configuration) + [
            // First, since it is used from then on.
            MHD_OptionItem(
                option: .EXTERNAL_LOGGER,
                value: unsafeBitCast(libraryComplains, to: Int.self),
                ptr_value: context
            ),
            MHD_OptionItem(option: .CONNECTION_MEMORY_LIMIT, value: limit, ptr_value: nil),
            MHD_OptionItem(
                option: .CONNECTION_LIMIT,
                value: Int(configuration.maximumConnections),
                ptr_value: nil
            ),
            MHD_OptionItem(
                option: gateway_mhd_strictness,
                value: Int(gateway_mhd_strictness_level),
                ptr_value: nil
            ),
            // In seconds; what is shorter is kept by the ConnectionWatch.
            MHD_OptionItem(
                option: .CONNECTION_TIMEOUT,
                value: Int(min((configuration.idleTimeout + 999) / 1000, UInt64(UInt32.max))),
                ptr_value: nil
            ),
            MHD_OptionItem(
                option: .NOTIFY_CONNECTION,
                value: unsafeBitCast(connectionChanged, to: Int.self),
                ptr_value: context
            ),
            MHD_OptionItem(
                option: .NOTIFY_COMPLETED,
                value: unsafeBitCast(completed, to: Int.self),
                ptr_value: context
            ),
            MHD_OptionItem(
                option: .URI_LOG_CALLBACK,
                value: unsafeBitCast(requestBegan, to: Int.self),
                ptr_value: context
            ),
            MHD_OptionItem(option: .LISTEN_SOCKET, value: Int(listener), ptr_value: nil),
            MHD_OptionItem(
                option: .UNESCAPE_CALLBACK,
                value: unsafeBitCast(keepEscapes, to: Int.self),
                ptr_value: nil
            ),
            MHD_OptionItem(option: .END, value: 0, ptr_value: nil),
        ]
    }

    /// What TLS needs; nothing without it.
    private static func secureOptions(_ configuration: Configuration) -> [MHD_OptionItem] {
        guard configuration.tls != nil else { return [] }
        return [
            // libmicrohttpd insists on a certificate or a way to get one. Each connection gets its own, see TLSConnection.
            MHD_OptionItem(
                option: .HTTPS_CERT_CALLBACK,
                value: 0,
                ptr_value: unsafeBitCast(noCertificate, to: UnsafeMutableRawPointer.self)
            ),
            MHD_OptionItem(option: .TLS_NO_ALPN, value: 1, ptr_value: nil),
        ]
    }

    /// Never called, since no session is left with the credentials that would.
    private static let noCertificate: @convention(c) () -> Int32 = { -1 }

    /// The handler of every phase of a request (`MHD_AccessHandlerCallback`).
    static let accessHandler: MHD_AccessHandlerCallback = { _, connection, url, method, version, data, size, context in
        guard let connection, let size, let stored = context?.pointee else { return .NO }
        // Rule (d): the exchange belongs to the request's context. `completed` and `connectionChanged` release it, and
        // libmicrohttpd 0.9.75 calls neither for a connection whose handler is running.
        return Unmanaged<Exchange>.fromOpaque(stored)._withUnsafeGuaranteedRef { exchange in
            let count = size.pointee
            if exchange.putsOff(count) { return .YES }
            size.pointee = 0
            if exchange.isReceivingHeader {
                guard let method, let url, let version else { return .NO }
                return exchange.receiveHeader(connection, method: method, url: url, version: version) ? .YES : .NO
            }
            return exchange.advance(data: UnsafeRawBufferPointer(start: data, count: count)) ? .YES : .NO
        }
    }

    /// A connection was accepted, or is being closed (`MHD_NotifyConnectionCallback`).
    private static let connectionChanged: MHD_NotifyConnectionCallback = { server, connection, context, change in
        guard let server, let connection, let context else { return }
        let owner = Unmanaged<HTTPServer>.fromOpaque(server).takeUnretainedValue()
        owner.silentRuns = 0
        if change == .CONNECTION_NOTIFY_STARTED {
            context.pointee = owner.begin(connection)?.toOpaque()
        } else if let stored = context.pointee {
            context.pointee = nil
            let client = Unmanaged<ClientConnection>.fromOpaque(stored).takeRetainedValue()
            owner.end(client)
            endForgotten(client)
        }
    }

    /// Ends the request of a connection that is gone, in place of ``completed``.
    ///
    /// libmicrohttpd 0.9.75 forgets to tell of its end where it comes to refuse a request for the second time
    /// (`transmit_error_response_len`, "Should not happen").
    private static func endForgotten(_ client: ClientConnection) {
        guard let exchange = client.exchange else { return }
        exchange.completeForgotten()
        // Rule (b): what ``requestBegan`` has given to C, which does not know of it any more.
        Unmanaged.passUnretained(exchange).release()
    }

    /// Hears what libmicrohttpd logs (`MHD_LogCallback`), of which two messages matter: that a handshake has failed, and
    /// that it refuses a request.
    ///
    /// It does not say which. Where it does so between the end of the header block and the handler's first call, that
    /// is the one whose header has a size already and of which the handler has not heard. Otherwise a header block has
    /// filled its memory: that of a connection that has sent more than is allowed.
    private static let libraryComplains: MHD_LogCallback = { server, format, _ in
        guard let server, let format else { return }
        let owner = Unmanaged<HTTPServer>.fromOpaque(server).takeUnretainedValue()
        if strncmp(format, "Error: received handshake", 25) == 0 { owner.handshakes?.oneHasFailed() }
        guard strncmp(format, "Error processing request", 24) == 0 else { return }
        var isKnown = false
        owner.watch.forEachReceivingHeader { client in
            guard gateway_mhd_header_size(client.connection) > 0 else { return }
            isKnown = true
            client.exchange?.refuseBeforeLibrary()
        }
        if !isKnown { owner.refuseOversizedHeader() }
    }

    typealias RequestBegan =
        @convention(c) (
            UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?
        ) -> UnsafeMutableRawPointer?

    /// Makes the exchange when the request line is complete (`MHD_OPTION_URI_LOG_CALLBACK`).
    ///
    /// The target is copied: libmicrohttpd cuts and decodes its own copy in place right after this call.
    private static let requestBegan: RequestBegan = { server, target, handle in
        guard let server, let target, let handle, let client = gateway_mhd_socket_context(handle) else {
            return nil
        }
        let owner = Unmanaged<HTTPServer>.fromOpaque(server).takeUnretainedValue()
        let raw = UnsafeRawBufferPointer(start: target, count: strlen(target))
        // Rule (b): C owns the exchange until `completed`.
        let connection = Unmanaged<ClientConnection>.fromOpaque(client).takeUnretainedValue()
        let exchange = Exchange(server: owner, client: connection, target: raw)
        hideQuery(raw)
        return Unmanaged.passRetained(exchange).toOpaque()
    }

    /// Keeps libmicrohttpd from parsing the query, which it would do into the connection's memory, some 64 bytes for each
    /// parameter, until there is no room left even for an error.
    ///
    /// The target lies in its read buffer, and it has found the question mark, where it is about to cut it (0.9.75,
    /// `parse_initial_message_line`); a query that ends at once is one more cut of the kind.
    private static func hideQuery(_ target: UnsafeRawBufferPointer) {
        guard let mark = target.firstIndex(of: UInt8(ascii: "?")), mark + 1 < target.count else { return }
        UnsafeMutableRawBufferPointer(mutating: target)[mark + 1] = 0
    }

    /// Ends the exchange: answered, or the connection is gone (`MHD_RequestCompletedCallback`).
    private static let completed: MHD_RequestCompletedCallback = { _, _, context, ending in
        guard let stored = context?.pointee else { return }
        context?.pointee = nil
        Unmanaged<Exchange>.fromOpaque(stored).takeRetainedValue().complete(ending)
    }

    typealias Unescape = @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<CChar>?) -> Int

    /// Leaves `%2F` and all other escapes to the router, which decodes each segment once.
    private static let keepEscapes: Unescape = { _, _, text in
        text.map { strlen($0) } ?? 0
    }

    /// Takes the next piece of a streamed body (`MHD_ContentReaderCallback`).
    static let contentReader: MHD_ContentReaderCallback = { context, _, buffer, size in
        // Rule (d): the body belongs to the response, which `contentReleased` ends.
        guard let context else { return gateway_mhd_end_with_error }
        let body = Unmanaged<StreamedBody>.fromOpaque(context).takeUnretainedValue()
        return body.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size))
    }

    /// Ends libmicrohttpd's hold on a streamed body (`MHD_ContentReaderFreeCallback`).
    static let contentReleased: MHD_ContentReaderFreeCallback = { context in
        guard let context else { return }
        Unmanaged<StreamedBody>.fromOpaque(context).release()
    }
}
