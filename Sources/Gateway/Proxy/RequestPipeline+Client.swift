internal import Bytes
internal import HTTPServer

extension RequestPipeline {
    /// Where a request comes from; to be asked before its answer is handed over.
    ///
    /// Costs next to nothing where there are no trusted proxies, and otherwise a look through the header.
    func client(of exchange: Exchange) -> ClientOrigin {
        let seen = ClientOrigin(peer: exchange.peer, isSecure: configuration.tls != nil)
        guard !trustedProxies.isEmpty, trustedProxies.contains(exchange.peer) else { return seen }
        return ForwardedFields.with(exchange, &headerFields) { trustedProxies.origin($0, seen) }
    }

    /// Where what a call has made is, as the client must ask for it: below ``basePath``, and what a proxy takes off.
    ///
    /// Nothing where `message` does not tell of it.
    func location(
        _ template: LocationTemplate,
        of message: UnsafeRawBufferPointer,
        for exchange: Exchange
    ) -> Location {
        var path = ByteBuffer(capacity: 128)
        if !trustedProxies.isEmpty { path.append(utf8: client(of: exchange).prefix.text) }
        if !basePath.isEmpty { path.append(utf8: basePath.text) }
        guard template.append(pathOf: message, to: &path) else { return Location() }
        return Location(path)
    }
}

extension TrustedProxies {
    /// What one of them says of the request that it has passed on, or what was `seen` where that makes no sense.
    ///
    /// A proxy that writes one of `Forwarded` and `X-Forwarded-*` passes the other on as its client sent it. So where both
    /// are there and do not say the same, one of them is anybody's word, and neither counts.
    func origin(_ fields: ForwardedFields, _ seen: ClientOrigin) -> ClientOrigin {
        let forwarded = fields.forwarded.map { ForwardedWay.forwarded($0, seen, self) ?? seen }
        let others = xForwarded(fields, seen)
        var origin: ClientOrigin
        switch (forwarded, others) {
        case (nil, nil): origin = seen
        case (let one?, nil), (nil, let one?): origin = one
        case (let one?, let other?): origin = one == other ? one : seen
        }
        if let prefix = fields.prefix { origin.prefix = TrustedProxies.prefix(prefix) }
        return origin
    }

    private func xForwarded(_ fields: ForwardedFields, _ seen: ClientOrigin) -> ClientOrigin? {
        guard fields.addresses != nil || fields.schemes != nil || fields.hosts != nil else { return nil }
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        return ForwardedWay.xForwarded(
            addresses: fields.addresses ?? none,
            schemes: fields.schemes ?? none,
            hosts: fields.hosts ?? none,
            seen,
            self
        )
    }

    /// A path that can stand before others; none where it is malformed, or there are several.
    ///
    /// It goes into `Location`, where `//` at its beginning would lead to another host.
    private static func prefix(_ value: UnsafeRawBufferPointer) -> BasePath {
        guard !value.contains(UInt8(ascii: ",")) else { return BasePath() }
        let path = value.last == UInt8(ascii: "/") ? value.dropLast() : value[...]
        do throws(GatewayError) {
            return try BasePath(String(decoding: path, as: UTF8.self))
        } catch {
            return BasePath()
        }
    }
}
