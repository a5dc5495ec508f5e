internal import KeyedHashing

/// Values by digest, of which those that were used last are kept (LRU).
///
/// Looking up and inserting take constant time, and nothing is allocated once the cache is full.
struct BoundedCache<Value: Sendable>: Sendable {
    private struct Node: Sendable {
        var key: Digest
        var value: Value
        /// Used after this one, -1 if none was.
        var newer = BoundedCache.none
        /// Used before this one, -1 if none was.
        var older = BoundedCache.none
    }

    private static var none: Int { -1 }

    private let capacity: Int
    private var places: [Digest: Int] = [:]
    private var nodes: [Node] = []
    private var newest = BoundedCache.none
    private var oldest = BoundedCache.none

    /// An empty cache for `capacity` values, 1 at least.
    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    var count: Int { nodes.count }

    /// The value of `key`, which thereby counts as used; changing it in place is no insertion.
    subscript(key: Digest) -> Value? {
        mutating get {
            guard let place = places[key] else { return nil }
            touch(place)
            return nodes[place].value
        }
    }

    /// Sets the value of `key`, for which the one that was not used for the longest time may have to go.
    mutating func insert(_ value: Value, for key: Digest) {
        if let place = places[key] {
            nodes[place].value = value
            touch(place)
            return
        }
        if nodes.count == capacity { remove(nodes[oldest].key) }
        let place = nodes.count
        nodes.append(Node(key: key, value: value))
        places[key] = place
        link(place)
    }

    mutating func remove(_ key: Digest) {
        guard let place = places.removeValue(forKey: key) else { return }
        unlink(place)
        // The last node moves into the gap.
        let last = nodes.removeLast()
        guard place < nodes.count else { return }
        nodes[place] = last
        places[last.key] = place
        if last.newer == BoundedCache.none { newest = place } else { nodes[last.newer].older = place }
        if last.older == BoundedCache.none { oldest = place } else { nodes[last.older].newer = place }
    }

    private mutating func touch(_ place: Int) {
        guard newest != place else { return }
        unlink(place)
        link(place)
    }

    private mutating func unlink(_ place: Int) {
        let (newer, older) = (nodes[place].newer, nodes[place].older)
        if newer == BoundedCache.none { newest = older } else { nodes[newer].older = older }
        if older == BoundedCache.none { oldest = newer } else { nodes[older].newer = newer }
    }

    private mutating func link(_ place: Int) {
        nodes[place].newer = BoundedCache.none
        nodes[place].older = newest
        if newest == BoundedCache.none { oldest = place } else { nodes[newest].newer = place }
        newest = place
    }
}
