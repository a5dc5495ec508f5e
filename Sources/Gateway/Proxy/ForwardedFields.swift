internal import HTTPServer

/// What the header of a request says of the proxies that it came through; the values are lent.
struct ForwardedFields {
    private(set) var forwarded: UnsafeRawBufferPointer?
    private(set) var addresses: UnsafeRawBufferPointer?
    private(set) var schemes: UnsafeRawBufferPointer?
    private(set) var hosts: UnsafeRawBufferPointer?
    private(set) var prefix: UnsafeRawBufferPointer?
    /// One of them is there more than once, of which only the first is here.
    private var isIncomplete = false

    /// Finds them among `fields`, most of which their length tells.
    private init(in fields: [RequestField]) {
        for field in fields {
            var isAgain = false
            switch field.name.count {
            case 9: isAgain = ForwardedFields.note(field, "forwarded", in: &forwarded)
            case 15: isAgain = ForwardedFields.note(field, "x-forwarded-for", in: &addresses)
            case 16: isAgain = ForwardedFields.note(field, "x-forwarded-host", in: &hosts)
            case 17: isAgain = ForwardedFields.note(field, "x-forwarded-proto", in: &schemes)
            case 18: isAgain = ForwardedFields.note(field, "x-forwarded-prefix", in: &prefix)
            default: break
            }
            if isAgain { isIncomplete = true }
        }
    }

    private init() {}

    /// Calls `body` with those of `exchange`, the occurrences of each joined by commas (RFC 9110, section 5.3).
    static func with(
        _ exchange: Exchange,
        _ fields: inout [RequestField],
        _ body: (ForwardedFields) -> ClientOrigin
    ) -> ClientOrigin {
        exchange.collectFields(into: &fields)
        let found = ForwardedFields(in: fields)
        return found.isIncomplete ? joined(fields, body) : body(found)
    }

    /// Whether there was one already.
    private static func note(
        _ field: RequestField,
        _ name: StaticString,
        in place: inout UnsafeRawBufferPointer?
    ) -> Bool {
        guard RequestSyntax.equals(field.name, name) else { return false }
        defer { if place == nil { place = field.value } }
        return place != nil
    }

    /// With copies, which what is there once can do without.
    private static func joined(
        _ fields: [RequestField],
        _ body: (ForwardedFields) -> ClientOrigin
    ) -> ClientOrigin {
        var text: [UInt8] = []
        let names: [StaticString] = [
            "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-prefix",
        ]
        let ranges = names.map { name -> Range<Int>? in
            let start = text.count
            var isFirst = true
            for field in fields where RequestSyntax.equals(field.name, name) {
                if !isFirst { text.append(UInt8(ascii: ",")) }
                isFirst = false
                text.append(contentsOf: field.value)
            }
            return isFirst ? nil : start..<text.count
        }
        return text.withUnsafeBytes { bytes in
            let value = { (index: Int) in ranges[index].map { UnsafeRawBufferPointer(rebasing: bytes[$0]) } }
            var all = ForwardedFields()
            (all.forwarded, all.addresses, all.schemes) = (value(0), value(1), value(2))
            (all.hosts, all.prefix) = (value(3), value(4))
            return body(all)
        }
    }
}
