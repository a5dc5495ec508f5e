import RPCCore
import Testing

@Suite
struct MetadataTests {
    private func metadata(_ fields: [(String, String)]) -> Metadata {
        var metadata = Metadata()
        for (name, value) in fields { metadata.append(name, value) }
        return metadata
    }

    private func fields(_ metadata: Metadata) -> [String] {
        metadata.withFields { fields in
            fields.map { "\(String(decoding: $0.name, as: UTF8.self))=\(String(decoding: $0.value, as: UTF8.self))" }
        }
    }

    @Test
    func keepsFieldsInTheirOrder() {
        let long = String(repeating: "v", count: 70_000)
        let metadata = metadata([("b", "1"), ("a", ""), ("", ""), ("b", "é"), ("c-bin", long)])
        #expect(metadata.count == 5 && !metadata.isEmpty)
        #expect(fields(metadata) == ["b=1", "a=", "=", "b=é", "c-bin=\(long)"])
    }

    @Test
    func withoutFieldsThereIsNothing() {
        var metadata = Metadata()
        #expect(metadata.isEmpty && fields(metadata).isEmpty)
        metadata.reserve(4, byteCount: 100)
        #expect(metadata.isEmpty && fields(metadata).isEmpty && metadata == Metadata())
    }

    @Test
    func theFirstValueUnderANameIsFound() {
        let metadata = metadata([("ab", "1"), ("a", "2"), ("a", "3"), ("", "4")])
        #expect(metadata["ab"] == "1" && metadata["a"] == "2" && metadata[""] == "4")
        #expect(metadata["b"] == nil && metadata["abc"] == nil)
    }

    @Test
    func bytesAndTextAreTheSame() {
        var bytes = Metadata()
        Array("x-id".utf8).withUnsafeBytes { name in
            Array("1".utf8).withUnsafeBytes { bytes.append(name: name, value: $0) }
        }
        Array("2".utf8).withUnsafeBytes { bytes.append("x", bytes: $0) }
        #expect(bytes == metadata([("x-id", "1"), ("x", "2")]))
        // Where a name ends and its value begins counts.
        #expect(metadata([("ab", "c")]) != metadata([("a", "bc")]))
    }

    @Test
    func aCopyIsItsOwn() {
        var first = metadata([("a", "1")])
        let second = first
        first.append("b", "2")
        #expect(fields(first) == ["a=1", "b=2"] && fields(second) == ["a=1"])
    }
}
