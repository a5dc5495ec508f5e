/// What a metadata name may be (PROTOCOL-HTTP2, "Header-Name"), and which ones nobody but the gateway sets.
enum MetadataName {
    /// Whether `name` holds nothing but lower-case letters, digits, `_`, `-` and `.`, and at least one of them.
    static func isWellFormed(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                    UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// Whether `name` belongs to one connection, or says where a message ends and what it is, in HTTP/1.1 or HTTP/2.
    ///
    /// Those are the hop-by-hop fields (RFC 9110, section 7.6.1, and RFC 9113, section 8.2.2), framing and gRPC's own.
    static func isOfTransport(_ name: String) -> Bool {
        switch name {
        case "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings", "host",
            "expect", "content-length", "content-type", "content-encoding":
            true
        default: name.hasPrefix("proxy-") || name.hasPrefix("grpc-")
        }
    }

    /// Whether a client cannot set `name` by a header `Grpc-Metadata-` + `name`, in lower case.
    static func isReservedInRequests(_ name: String) -> Bool {
        switch name {
        // Who calls, which request it is and which way it came have headers of their own, which are looked at.
        case "authorization", "x-request-id", "forwarded", "x-real-ip", "user-agent": true
        // Proxies vouch for clients by these, certificates included.
        default: name.hasPrefix("x-forwarded-") || name.hasPrefix("x-envoy-") || isOfTransport(name)
        }
    }

    /// Whether upstream's metadata `name`, in lower case, cannot become a header of an answer.
    static func isReservedInAnswers(_ name: String) -> Bool {
        switch name {
        // What the gateway says itself.
        case "accept", "accept-encoding", "accept-patch", "accept-post", "allow", "cache-control", "content-range",
            "date", "etag", "location", "retry-after", "vary", "www-authenticate",
            "x-accel-buffering", "x-content-type-options", "x-request-id":
            true
        default: name.hasPrefix("access-control-") || isOfTransport(name)
        }
    }

    /// Whether `name` ends in `-bin`, so that its values are bytes, in base64 wherever they are text.
    static func isBinary(_ name: String) -> Bool { name.hasSuffix("-bin") }

    /// Whether `value` holds nothing but printable ASCII (PROTOCOL-HTTP2, "ASCII-Value").
    static func isValue(_ value: some Sequence<UInt8>) -> Bool {
        value.allSatisfy { $0 >= 0x20 && $0 <= 0x7E }
    }
}
