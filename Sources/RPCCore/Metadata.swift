/// Call metadata: an ordered multimap of lower-case names (PROTOCOL-HTTP2, "Custom-Metadata").
///
/// All of it is in one array of bytes, so that no name and no value is an object of its own.
package struct Metadata: Hashable, Sendable {
    /// One name and value, lent by ``Metadata/withFields(_:)``.
    package struct Field {
        package let name: UnsafeRawBufferPointer
        package let value: UnsafeRawBufferPointer

        @inlinable
        init(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
            self.name = name
            self.value = value
        }

        package func isNamed(_ name: String) -> Bool {
            self.name.count == name.utf8.count && self.name.elementsEqual(name.utf8)
        }
    }

    /// Of each field the lengths of name and value, both `UInt32`, and then their bytes.
    @usableFromInline
    var storage: [UInt8] = []
    package private(set) var count = 0

    @usableFromInline
    static var headSize: Int { 2 * MemoryLayout<UInt32>.size }

    package init() {}

    package var isEmpty: Bool { count == 0 }

    /// Makes room for `count` fields of together `byteCount` bytes.
    package mutating func reserve(_ count: Int, byteCount: Int) {
        storage.reserveCapacity(count * Metadata.headSize + byteCount)
    }

    /// Adds a value under `name`, which must be lower-case ASCII already; neither may have 4 GiB.
    package mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        let lengths = SIMD2(UInt32(name.count), UInt32(value.count))
        withUnsafeBytes(of: lengths) { storage.append(contentsOf: $0) }
        storage.append(contentsOf: name)
        storage.append(contentsOf: value)
        count += 1
    }

    /// Adds a value under `name`, which must be lower-case ASCII already.
    package mutating func append(_ name: String, _ value: String) {
        var value = value
        value.withUTF8 { append(name, bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Adds a value under `name`, which must be lower-case ASCII already.
    package mutating func append(_ name: String, bytes value: UnsafeRawBufferPointer) {
        var name = name
        name.withUTF8 { append(name: UnsafeRawBufferPointer($0), value: value) }
    }

    /// Lends all fields to `body`, in order.
    @inlinable
    package func withFields<Result>(_ body: (Fields) -> Result) -> Result {
        storage.withUnsafeBytes { body(Fields($0)) }
    }

    /// The first value under `name`.
    package subscript(name: String) -> String? {
        withFields { fields in
            fields.first { $0.isNamed(name) }.map { String(decoding: $0.value, as: UTF8.self) }
        }
    }
}

extension Metadata {
    /// The fields of one ``Metadata`` in order; lent.
    package struct Fields: Sequence, IteratorProtocol {
        @usableFromInline
        var head: UnsafeRawPointer?
        @usableFromInline
        let end: UnsafeRawPointer?

        @inlinable
        init(_ storage: UnsafeRawBufferPointer) {
            head = storage.baseAddress
            end = storage.baseAddress.map { $0 + storage.count }
        }

        @inlinable
        package mutating func next() -> Field? {
            guard let head, head != end else { return nil }
            let name = head + Metadata.headSize
            let nameCount = Int(head.loadUnaligned(as: UInt32.self))
            let valueCount = Int(head.loadUnaligned(fromByteOffset: MemoryLayout<UInt32>.size, as: UInt32.self))
            self.head = name + nameCount + valueCount
            return Field(
                name: UnsafeRawBufferPointer(start: name, count: nameCount),
                value: UnsafeRawBufferPointer(start: name + nameCount, count: valueCount)
            )
        }
    }
}
