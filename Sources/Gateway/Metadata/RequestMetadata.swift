internal import HTTPServer
internal import RPCCore

/// Makes a call's metadata of a request's header fields; one a worker, used over and over.
///
/// What goes along: `Authorization`, where clients bring tokens of their own; each `Grpc-Metadata-NAME` as `NAME`;
/// `traceparent`, `tracestate` and `baggage`; the request's id. A field that `Connection` names was meant for the gateway
/// alone. `x-forwarded-for`, `-host` and `-proto` say what the gateway itself holds to be true, see ``ClientOrigin``.
/// Without any of those fields there are only the id and these. Other credentials are set aside in ``credentials``.
struct RequestMetadata {
    /// Most fields that a client may have passed on.
    static let maximumCount = 64
    /// Most bytes of names and values of these, without `Authorization`, which the header's size limits alone.
    static let maximumSize = 8192

    private var fields: [RequestField] = []
    private var metadata = Metadata()
    private var count = 0
    private var size = 0
    /// `Authorization` goes along whatever it holds.
    private let forwardsAuthorization: Bool
    /// Clients may say who they are by an API key; only a `Bearer` token goes along.
    private let takesAPIKeys: Bool
    /// Calls say which program makes them.
    private let namesClient: Bool
    /// Who the client says it is; until the exchange is answered.
    private(set) var credentials = CredentialFields()
    private var host: UnsafeRawBufferPointer?

    init(auth: ViamAuth) {
        switch auth {
        case .passthrough: (forwardsAuthorization, takesAPIKeys, namesClient) = (true, false, false)
        case .clientKey: (forwardsAuthorization, takesAPIKeys, namesClient) = (false, true, true)
        case .serviceKey: (forwardsAuthorization, takesAPIKeys, namesClient) = (false, false, true)
        }
    }

    /// The metadata of a call that `exchange` asks for.
    mutating func make(
        of exchange: Exchange,
        requestID: String,
        origin: ClientOrigin
    ) throws(RequestFailure) -> Metadata {
        exchange.collectFields(into: &fields)
        metadata = Metadata()
        // Enough for what is always there, and a trace.
        metadata.reserve(8, byteCount: 256)
        (count, size, host) = (0, 0, nil)
        credentials = CredentialFields()
        for field in fields {
            if let name = FieldName(field.name) { try take(field, name) }
        }
        metadata.append("x-request-id", requestID)
        if namesClient, metadata[ViamClient.fieldName] == nil {
            metadata.append(ViamClient.fieldName, ViamClient.fieldValue)
        }
        addWay(origin)
        defer { metadata = Metadata() }
        return metadata
    }

    private mutating func take(_ field: RequestField, _ name: FieldName) throws(RequestFailure) {
        switch name {
        case .connection: return
        case .host:
            host = field.value
            return
        default: if FieldName.isConnectionOption(field.name, in: fields) { return }
        }
        switch name {
        case .authorization: try takeAuthorization(field.value)
        case .apiKeyID: try takeKey(field.value, isID: true)
        case .apiKey: try takeKey(field.value, isID: false)
        case .custom: try addCustom(field)
        // A trace that is broken off is no reason to refuse a request (W3C Trace Context, section 4.3).
        case .tracing(let name): if MetadataName.isValue(field.value) { try add("\(name)", text(field.value)) }
        case .connection, .host: break
        }
    }

    /// No other credential may go on in the place of the one that the client gave.
    private mutating func takeAuthorization(_ value: UnsafeRawBufferPointer) throws(RequestFailure) {
        guard credentials.authorization == nil else {
            throw .invalidRequest("Authorization is there more than once", [])
        }
        guard MetadataName.isValue(value) else {
            throw .invalidRequest("Authorization holds what is not printable ASCII", [])
        }
        credentials.authorization = value
        if forwardsAuthorization || takesAPIKeys && credentials.authorization(of: "bearer") != nil {
            metadata.append("authorization", bytes: value)
        }
    }

    /// Hardly any request has such a field, which is why this is a call.
    @inline(never)
    private mutating func takeKey(_ value: UnsafeRawBufferPointer, isID: Bool) throws(RequestFailure) {
        guard takesAPIKeys else { return }
        guard (isID ? credentials.keyID : credentials.key) == nil else {
            throw .invalidRequest("\(isID ? "X-Viam-Api-Key-Id" : "X-Viam-Api-Key") is there more than once", [])
        }
        if isID { credentials.keyID = value } else { credentials.key = value }
    }

    private mutating func addCustom(_ field: RequestField) throws(RequestFailure) {
        let rest = field.name[FieldName.customPrefix.utf8CodeUnitCount...]
        if FieldName.isConnectionOption(UnsafeRawBufferPointer(rebasing: rest), in: fields) { return }
        let name = String(decoding: rest.lazy.map(FieldName.lowercased), as: UTF8.self)
        guard MetadataName.isWellFormed(name) else {
            throw .invalidRequest(
                "\(text(field.name)): a metadata name is made of letters, digits, \"_\", \"-\" and \".\"",
                []
            )
        }
        guard !MetadataName.isReservedInRequests(name) else {
            throw .invalidRequest("\(text(field.name)): the metadata \"\(name)\" is not a client's to set", [])
        }
        guard MetadataName.isBinary(name) else {
            guard MetadataName.isValue(field.value) else {
                throw .invalidRequest(
                    "\(text(field.name)) holds what is not printable ASCII; bytes go in base64 under a name with -bin",
                    []
                )
            }
            return try add(name, text(field.value))
        }
        try BinaryMetadata.forEachValue(in: field.value) { value throws(RequestFailure) in
            guard let bytes = BinaryMetadata.decode(value) else {
                throw .invalidRequest("\(text(field.name)) is not base64", [])
            }
            try add(name, BinaryMetadata.encode(bytes, isPadded: false))
        }
    }

    private mutating func add(_ name: String, _ value: String) throws(RequestFailure) {
        try charge(name.utf8.count + value.utf8.count)
        metadata.append(name, value)
    }

    private mutating func charge(_ bytes: Int) throws(RequestFailure) {
        count += 1
        size += bytes
        guard count <= RequestMetadata.maximumCount, size <= RequestMetadata.maximumSize else {
            throw .metadataTooLarge(count: RequestMetadata.maximumCount, size: RequestMetadata.maximumSize)
        }
    }

    // MARK: - The way of the request

    /// Says who the client is, what it has called the gateway, and by which scheme.
    ///
    /// Nothing of that is a client's own word, but for its `Host`.
    private mutating func addWay(_ origin: ClientOrigin) {
        metadata.append("x-forwarded-for", origin.way)
        if let host = origin.host {
            metadata.append("x-forwarded-host", host)
        } else if let host, !host.isEmpty, host.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ",") }) {
            metadata.append("x-forwarded-host", bytes: host)
        }
        metadata.append("x-forwarded-proto", origin.isSecure ? "https" : "http")
    }

    private func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
