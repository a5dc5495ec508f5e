/// Call metadata: an ordered multimap of lower-case names (PROTOCOL-HTTP2, "Custom-Metadata").
///
package struct Metadata: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package let name: String
        package let value: String
    }

    package private(set) var entries: [Entry] = []

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }

    /// Makes room for `count` entries at once.
    package mutating func reserve(_ count: Int) {
        entries.reserveCapacity(count)
    }

    /// Adds a value under `name`, which must be lower-case ASCII already.
    package mutating func append(_ name: String, _ value: String) {
        entries.append(Entry(name: name, value: value))
    }

    /// The first value under `name`.
    package subscript(name: String) -> String? {
        entries.first { $0.name == name }?.value
    }
}
