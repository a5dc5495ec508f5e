internal import Bytes

/// What a client would like to get: the value of an `Accept` header (RFC 9110, section 12.5.1).
///
///     Accept      = [ media-range [ weight ] *( "," media-range [ weight ] ) ]
///     media-range = ( "*/*" / type "/*" / type "/" subtype ) parameters
///     weight      = ";" "q=" qvalue
struct AcceptHeader {
    /// A range's quality in thousandths, how exactly it names a type, and its place in the header.
    private struct Preference: Comparable {
        let quality: Int
        let precision: Int
        let place: Int

        static func < (left: Preference, right: Preference) -> Bool {
            (left.quality, left.precision, right.place) < (right.quality, right.precision, left.place)
        }
    }

    private let value: UnsafeRawBufferPointer

    init(_ value: UnsafeRawBufferPointer) {
        self.value = value
    }

    /// The place of the best of `offers`, nil if none is acceptable.
    ///
    /// Of two with the same quality the one that is named more exactly wins, then the one that the client names
    /// first, then the one that is offered first. `offers` are in lower case, without parameters.
    func best(of offers: [StaticString]) -> Int? {
        var best: (offer: Int, preference: Preference)?
        for (index, offer) in offers.enumerated() {
            guard let preference = preference(for: offer), preference.quality > 0 else { continue }
            if let best, best.preference >= preference { continue }
            best = (index, preference)
        }
        return best?.offer
    }

    /// Whether nothing at all is in it, so that it asks for nothing.
    var isEmpty: Bool {
        value.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: ",") }
    }

    /// Whether JSON may be answered.
    ///
    /// Who asks for problem documents means errors, and is taken to read JSON, unless it says that it does not.
    var takesJSON: Bool {
        if isEmpty { return true }
        if let preference = preference(for: "application/json") { return preference.quality > 0 }
        return names("application/problem+json")
    }

    /// Whether a range that is `type` itself, with a quality above 0, is there.
    func names(_ type: StaticString) -> Bool {
        guard let preference = preference(for: type) else { return false }
        return preference.precision == 3 && preference.quality > 0
    }

    /// What the range that names `offer` most exactly says.
    private func preference(for offer: StaticString) -> Preference? {
        var found: Preference?
        for (place, range) in value.split(separator: UInt8(ascii: ",")).enumerated() {
            let precision = precision(of: MediaType.essence(range), for: offer)
            guard precision > 0, precision > found?.precision ?? 0 else { continue }
            found = Preference(quality: AcceptHeader.quality(of: range), precision: precision, place: place)
        }
        return found
    }

    /// 3 for the type itself, 2 for `type/*`, 1 for `*/*`, 0 for another one.
    private func precision(of range: Slice<UnsafeRawBufferPointer>, for offer: StaticString) -> Int {
        if MediaType.equals(range, offer) { return 3 }
        if MediaType.equals(range, "*/*") { return 1 }
        guard range.count > 2, range.last == UInt8(ascii: "*"), range.count <= offer.utf8CodeUnitCount else { return 0 }
        let type = range.dropLast()
        guard type.last == UInt8(ascii: "/") else { return 0 }
        return offer.withUTF8Buffer { MediaType.equals(type, $0.prefix(type.count)) } ? 2 : 0
    }

    /// `0`, `1` or up to three decimals (RFC 9110, section 12.4.2); what is not one of those counts as 1.
    static func quality(of range: Slice<UnsafeRawBufferPointer>) -> Int {
        for parameter in range.split(separator: UInt8(ascii: ";")).dropFirst() {
            let text = FieldSyntax.trimmed(parameter)
            guard MediaType.equals(text.prefix(2), "q=") else { continue }
            return AcceptHeader.thousandths(text.dropFirst(2)) ?? 1000
        }
        return 1000
    }

    private static func thousandths(_ text: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard let first = text.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1"), text.count <= 5,
            text.count == 1 || text.dropFirst().first == UInt8(ascii: ".")
        else { return nil }
        var value = Int(first - UInt8(ascii: "0")) * 1000
        var unit = 100
        for digit in text.dropFirst(2) {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            value += Int(digit - UInt8(ascii: "0")) * unit
            unit /= 10
        }
        return min(value, 1000)
    }
}
