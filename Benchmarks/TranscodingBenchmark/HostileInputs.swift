/// What someone might send to keep the gateway busy.
enum HostileInputs {
    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func repeated(_ text: String, _ count: Int) -> [UInt8] {
        let piece = bytes(text)
        var result: [UInt8] = []
        result.reserveCapacity(piece.count * count)
        for _ in 0..<count { result += piece }
        return result
    }

    // MARK: - JSON

    /// Read as requests of `serve` are, where an unknown field is an error.
    static var json: [(name: String, input: [UInt8])] {
        let detail = #"{"@type":"t/google.rpc.Status","details":["#
        return [
            ("100,000 levels of unknown objects", repeated(#"{"x":"#, 100_000)),
            ("100,000 levels of messages in `Any`", bytes(#"{"details":["#) + repeated(detail, 100_000)),
            ("1 MB of `[`", repeated("[", 1_000_000)),
            ("1 MB of `[` in a field", bytes(#"{"tags":"#) + repeated("[", 1_000_000)),
            (
                "1,000,000 equal keys of a map",
                bytes(#"{"arguments":{"#) + repeated(#""k":"v","#, 999_999) + bytes(#""k":"v"}}"#)
            ),
            ("1,000,000 times one field", bytes("{") + repeated(#""id":"","#, 999_999) + bytes(#""id":""}"#)),
            ("1,000,000 unknown fields", bytes("{") + repeated(#""ix":1,"#, 999_999) + bytes(#""ix":1}"#)),
            ("a number of 1,000,000 digits", bytes(#"{"status":"#) + repeated("1", 1_000_000) + bytes("}")),
            ("a name of 1 MB", bytes(#"{""#) + repeated("n", 1_000_000) + bytes(#"":1}"#)),
            ("90 levels of `Any`, type last", anyInAny(levels: 90, count: 250_000)),
        ]
    }

    /// Read with unknown fields ignored.
    static var ignoredJSON: [(name: String, input: [UInt8])] {
        [
            ("100,000 levels, ignored", repeated(#"{"x":"#, 100_000)),
            ("1 MB of `[`, ignored", bytes(#"{"x":"#) + repeated("[", 1_000_000)),
            ("1,000,000 unknown fields, ignored", bytes("{") + repeated(#""ix":1,"#, 999_999) + bytes(#""ix":1}"#)),
        ]
    }

    /// `Any` in `Any` with the type last, which has to be looked for before a level is read.
    private static func anyInAny(levels: Int, count: Int) -> [UInt8] {
        let list = #"{"details":["# + String(repeating: "{},", count: count) + #"{}],"@type":"t/google.rpc.Status"}"#
        return bytes(#"{"details":["#) + repeated(#"{"value":"#, levels) + bytes(list)
            + repeated(#","@type":"t/google.protobuf.Any"}"#, levels) + bytes("]}")
    }

    // MARK: - Wire

    /// Read as a job.
    static var wire: [(name: String, input: [UInt8])] {
        [
            ("100,000 levels of messages", nestedMessages(100_000)),
            ("100,000 levels of unknown groups", [UInt8](repeating: 0x0B | 0x60, count: 100_000)),
            // Field 100, a varint.
            ("1,000,000 unknown fields", tiled([0xA0, 0x06, 0x01], 1_000_000)),
            // Fields 18 and 2, which never come in this order.
            ("1,000,000 fields out of order", tiled([0x90, 0x01, 0x01, 0x10, 0x03], 500_000)),
            // Field 21, {"k": "v"}.
            (
                "1,000,000 equal keys of a map",
                tiled([0xAA, 0x01, 0x06, 0x0A, 0x01, 0x6B, 0x12, 0x01, 0x76], 1_000_000)
            ),
            ("1,000,000 pieces of one message", tiled([0x1A, 0x02, 0x08, 0x01], 1_000_000)),
            // An error with details out of order in each of 40 levels, above 200 kB.
            ("200 kB under 40 levels out of order", disorderedDetails(levels: 40, payload: 200_000)),
        ]
    }

    private static func tiled(_ piece: [UInt8], _ count: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(piece.count * count)
        for _ in 0..<count { result += piece }
        return result
    }

    private static func varint(_ value: Int) -> [UInt8] {
        var rest = value
        var result: [UInt8] = []
        while rest >= 128 {
            result.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        result.append(UInt8(rest))
        return result
    }

    /// A job's error whose detail is an error with a detail, and so on; built from the inside, back to front.
    private static func nestedMessages(_ levels: Int) -> [UInt8] {
        var reversed: [UInt8] = []
        let url: [UInt8] = [0x0A, 19] + bytes("t/google.rpc.Status")
        for _ in 0..<levels {
            // The Any: its value is what there is, after its type; then the Status that holds it as a detail.
            reversed += (url + [0x12] + varint(reversed.count)).reversed()
            reversed += ([0x1A] + varint(reversed.count)).reversed()
        }
        reversed += ([0x42] + varint(reversed.count)).reversed()
        return reversed.reversed()
    }

    /// The same with the code, field 1, after the details, field 3, which are above it on every level.
    private static func disorderedDetails(levels: Int, payload: Int) -> [UInt8] {
        var content = [0x12] + varint(payload) + [UInt8](repeating: 0x78, count: payload)
        let url: [UInt8] = [0x0A, 19] + bytes("t/google.rpc.Status")
        for _ in 0..<levels {
            let any = [0x12] + varint(content.count) + content + url
            content = [0x1A] + varint(any.count) + any + [0x08, 0x03]
        }
        return [0x42] + varint(content.count) + content
    }

    // MARK: - Paths

    static var paths: [(name: String, input: [UInt8])] {
        [
            ("a path of 1,000,000 slashes", repeated("/", 1_000_000)),
            ("a path of 1,000,000 segments", repeated("/v", 1_000_000)),
            ("1,000,000 segments behind a route", bytes("/v1/jobs") + repeated("/v", 1_000_000)),
            ("1,000,000 colons in a segment", bytes("/v1/jobs/") + repeated(":", 1_000_000)),
            ("1,000,000 escapes", bytes("/v1/jobs/") + repeated("%41", 1_000_000)),
        ]
    }
}
