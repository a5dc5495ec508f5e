import KeyedHashing
import Testing

@testable import Gateway

@Suite
struct BoundedCacheTests {
    private static let hash = KeyedHash()

    private func key(_ number: Int) throws -> Digest {
        try #require(withUnsafeBytes(of: number) { BoundedCacheTests.hash.digest($0) })
    }

    @Test
    func theLeastRecentlyUsedGoes() throws {
        var cache = BoundedCache<Int>(capacity: 3)
        for number in 0..<3 { try cache.insert(number, for: key(number)) }
        #expect(try cache[key(0)] == 0)
        try cache.insert(3, for: key(3))
        #expect(try cache[key(1)] == nil)
        // Written anew is used.
        try cache.insert(20, for: key(2))
        try cache.insert(4, for: key(4))
        #expect(try cache[key(0)] == nil)
        #expect(try cache[key(2)] == 20)
        #expect(try cache[key(3)] == 3)
        #expect(cache.count == 3)
    }

    @Test
    func oneAtLeast() throws {
        var cache = BoundedCache<Int>(capacity: 0)
        for number in 0..<3 { try cache.insert(number, for: key(number)) }
        #expect(cache.count == 1)
        #expect(try cache[key(2)] == 2)
        try cache.remove(key(2))
        try cache.remove(key(2))
        #expect(cache.count == 0)
        try cache.insert(5, for: key(5))
        #expect(try cache[key(5)] == 5)
    }

    /// Whatever is done, the cache holds what a list that is searched from one end holds.
    @Test(arguments: [1, 2, 3, 8])
    func itBehavesAsAPlainList(capacity: Int) throws {
        var generator = SystemRandomNumberGenerator()
        let keys = try (0..<12).map(key)
        var cache = BoundedCache<Int>(capacity: capacity)
        /// The newest first.
        var list: [(key: Int, value: Int)] = []
        for step in 0..<5000 {
            let number = Int.random(in: 0..<keys.count, using: &generator)
            let place = list.firstIndex { $0.key == number }
            switch Int.random(in: 0..<3, using: &generator) {
            case 0:
                let found = cache[keys[number]]
                #expect(found == place.map { list[$0].value })
                if let place { list.insert(list.remove(at: place), at: 0) }
            case 1:
                cache.insert(step, for: keys[number])
                if let place { list.remove(at: place) }
                list.insert((number, step), at: 0)
                if list.count > capacity { list.removeLast() }
            default:
                cache.remove(keys[number])
                if let place { list.remove(at: place) }
            }
            #expect(cache.count == list.count)
        }
    }
}
