import Bytes
import ProtobufSchema

/// Values from path and query, arranged as the message that they are part of.
///
/// Each leaf holds its values as they will stand on the wire, without tag: parameters and body are compared, and
/// joined, in that form. Node 0 is the request message.
struct ParameterTree: ~Copyable {
    struct Node: BitwiseCopyable {
        /// -1 in the root.
        let field: Int32
        let parent: Int32
        var firstChild: Int32 = -1
        var nextSibling: Int32 = -1
        var firstValue: Int32 = -1
        var lastValue: Int32 = -1
        /// Whether the message being written has this field already.
        var isWritten = false
        var isFromPath = false
    }

    struct Value: BitwiseCopyable {
        let offset: Int
        let count: Int
        var next: Int32 = -1
    }

    /// A key of a map that the query gives entries of.
    private struct MapKey: Hashable {
        let node: Int32
        let bytes: [UInt8]
    }

    var nodes = ScratchStack<Node>()
    var values = ScratchStack<Value>()
    /// The memory of all values.
    var bytes = ByteBuffer()
    /// Seeded at random, as every `Set` is, so that no client can make keys collide.
    private var mapKeys: Set<MapKey> = []

    var isEmpty: Bool { nodes.count <= 1 }

    mutating func reset() {
        nodes.reset()
        values.reset()
        bytes.reset()
        if !mapKeys.isEmpty { mapKeys = [] }
        nodes.push(Node(field: -1, parent: -1))
    }

    /// The child of `node` for `field`, -1 if there is none.
    func child(of node: Int32, _ field: FieldIndex) -> Int32 {
        if node < 0 { return -1 }
        var child = nodes[Int(node)].firstChild
        while child >= 0, nodes[Int(child)].field != field.rawValue { child = nodes[Int(child)].nextSibling }
        return child
    }

    /// The child of `node` for `field`, added if need be.
    mutating func addChild(of node: Int32, _ field: FieldIndex) -> Int32 {
        let known = child(of: node, field)
        if known >= 0 { return known }
        let added = Int32(nodes.count)
        nodes.push(Node(field: field.rawValue, parent: node, nextSibling: nodes[Int(node)].firstChild))
        nodes[Int(node)].firstChild = added
        return added
    }

    /// Adds what was appended to ``bytes`` since `offset` as a value of `node`.
    mutating func addValue(to node: Int32, since offset: Int) {
        let added = Int32(values.count)
        values.push(Value(offset: offset, count: bytes.count - offset))
        let last = nodes[Int(node)].lastValue
        if last < 0 {
            nodes[Int(node)].firstValue = added
        } else {
            values[Int(last)].next = added
        }
        nodes[Int(node)].lastValue = added
    }

    /// Notes a key of the map at `node`; false if it is there already.
    mutating func addKey(_ key: [UInt8], to node: Int32) -> Bool {
        mapKeys.insert(MapKey(node: node, bytes: key)).inserted
    }

    /// The bytes of one value.
    private func content(_ value: Int32) -> UnsafeRawBufferPointer {
        let value = values[Int(value)]
        return UnsafeRawBufferPointer(rebasing: bytes.bytes[value.offset..<value.offset + value.count])
    }

    /// Appends a leaf as a whole field, tags and all; nothing for the default of a field without presence.
    func appendLeaf(_ node: Int32, _ field: UnsafePointer<FieldEntry>, to output: inout ByteBuffer) {
        var value = nodes[Int(node)].firstValue
        if field.pointee.cardinality == .packed {
            var total = 0
            var element = value
            while element >= 0 {
                total += values[Int(element)].count
                element = values[Int(element)].next
            }
            output.appendTag(of: field)
            output.appendVarint(UInt64(total))
        }
        while value >= 0 {
            let content = content(value)
            if field.pointee.cardinality == .packed {
                output.append(contentsOf: content)
            } else if field.pointee.cardinality != .implicit || content.contains(where: { $0 != 0 }) {
                output.appendTag(of: field)
                if field.pointee.kind == .message, field.pointee.cardinality != .map {
                    output.appendLengthDelimited(content)
                } else {
                    output.append(contentsOf: content)
                }
            }
            value = values[Int(value)].next
        }
    }

    /// Whether `written`, which the body made of the field, is what the leaf holds.
    ///
    /// Lengths in `written` may still be open (``NestedLengths``) and are one byte then, as short ones always are; so
    /// they are left out of the comparison. A map with such an entry is taken for another one.
    func agrees(_ node: Int32, _ field: UnsafePointer<FieldEntry>, with written: UnsafeRawBufferPointer) -> Bool {
        let hasLength =
            field.pointee.cardinality == .packed
            || field.pointee.cardinality.isSingular && field.pointee.kind == .message
        var expected = ByteBuffer()
        if field.pointee.cardinality == .map { return agreesAsMap(node, with: written) }
        guard hasLength else {
            appendLeaf(node, field, to: &expected)
            return expected.bytes.elementsEqual(written)
        }
        var value = nodes[Int(node)].firstValue
        while value >= 0 {
            expected.append(contentsOf: content(value))
            value = values[Int(value)].next
        }
        return expected.bytes.elementsEqual(written.dropFirst(Int(field.pointee.tagLength) + 1))
    }
}

extension ParameterTree {
    /// Whether `written` has the same entries, in whatever order.
    private func agreesAsMap(_ node: Int32, with written: UnsafeRawBufferPointer) -> Bool {
        var entries: Set<[UInt8]> = []
        var value = nodes[Int(node)].firstValue
        while value >= 0 {
            var reader = WireReader(content(value))
            if let entry = try? reader.readBytes() { entries.insert(Array(entry)) }
            value = values[Int(value)].next
        }
        // An open length reads as an empty entry, which is none that a parameter makes.
        var reader = WireReader(written)
        while let tag = try? reader.nextTag(), tag.wireType == .lengthDelimited, let entry = try? reader.readBytes() {
            guard entries.remove(Array(entry)) != nil else { return false }
        }
        return reader.isAtEnd && entries.isEmpty
    }
}

extension ByteBuffer {
    /// Appends the tag of `field`.
    @inline(__always)
    mutating func appendTag(of field: UnsafePointer<FieldEntry>) {
        reserve(8)
        UnsafeMutableRawPointer(spare).storeBytes(of: field.pointee.tag.littleEndian, as: UInt64.self)
        advance(by: Int(field.pointee.tagLength))
    }
}
