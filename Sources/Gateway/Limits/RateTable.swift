package import EventLoop
internal import Glibc
package import RPCCore
internal import Synchronization

/// When each client's token bucket will be full again, shared by all workers: no lock, no allocation, no growth.
///
/// A table of 8192 sets of eight words, each set a cache line. A word is 16 bits that tell the clients of a set apart and
/// 48 bits of time, in microseconds of the monotonic clock, which last for nine years. A request looks for its client's
/// word and moves its time by an atomic exchange; where another worker was faster, it looks again.
///
/// What bounded memory costs:
///
/// - Two clients whose addresses have the same place and 16 bits share a bucket. Of 65,536 clients at once, one in 8,000
///   shares its own. The hash is keyed anew in each process, so nobody can choose whom to share with, and a restart parts
///   those two.
/// - Where a set is full, the client whose bucket is fullest is forgotten, usually one whose bucket is full, who loses
///   nothing. Under attack by more addresses than there are places it is one who still owes: then it gets a full bucket
///   again. So an attack by very many addresses makes the limit laxer, and never strict on those who keep it.
package final class RateTable: @unchecked Sendable {
    // `@unchecked`: of what it points to, all is atomic.

    /// Places for clients.
    static let capacity = sets * ways
    private static let sets = 8192
    private static let ways = 8
    private static let timeBits: UInt64 = 48
    private static let timeMask: UInt64 = (1 << timeBits) - 1

    // Owned here, freed in `deinit` (lifetime rule a).
    private let memory: UnsafeMutableRawPointer
    private let words: UnsafeMutablePointer<Atomic<UInt64>>

    package init() {
        // Zeros from the kernel, of which it makes memory only where they are written: a table that is not used is free.
        let size = RateTable.capacity * MemoryLayout<UInt64>.stride
        let line = RateTable.ways * MemoryLayout<UInt64>.stride
        guard let memory = calloc(1, size + line) else {
            preconditionFailure("no memory for \(size) bytes at the start")
        }
        self.memory = memory
        // An atomic word has the layout of a plain one, and zero is a valid value: long past, of nobody.
        words = memory.alignedUp(toMultipleOf: line).bindMemory(
            to: Atomic<UInt64>.self,
            capacity: RateTable.capacity
        )
    }

    deinit {
        free(memory)
    }

    /// Takes a request off the bucket of `client`, an address or nil for all that have none.
    ///
    /// - Parameters:
    ///   - client: counts by its ``IPAddress/clientNetwork``.
    ///   - now: the monotonic clock, which may differ a little between workers.
    ///   - limit: may change from one call to the next.
    /// - Returns: nil if there was one, else after how many nanoseconds there will be.
    package func take(_ client: IPAddress?, at now: Deadline, within limit: RateLimit) -> UInt64? {
        var hasher = Hasher()
        hasher.combine(client?.clientNetwork)
        return take(hash: UInt64(bitPattern: Int64(hasher.finalize())), at: now.nanoseconds / 1000, within: limit)
    }

    /// The same of the client whose hash is `hash`, at `now` in microseconds.
    func take(hash: UInt64, at now: UInt64, within limit: RateLimit) -> UInt64? {
        let tag = hash >> RateTable.timeBits
        let set = words + Int(hash & UInt64(RateTable.sets - 1)) * RateTable.ways
        while true {
            var place = 0
            var word = set[0].load(ordering: .relaxed)
            if word >> RateTable.timeBits != tag {
                for way in 1..<RateTable.ways {
                    let other = set[way].load(ordering: .relaxed)
                    let isFound = other >> RateTable.timeBits == tag
                    if isFound || other & RateTable.timeMask < word & RateTable.timeMask {
                        (place, word) = (way, other)
                    }
                    if isFound { break }
                }
            }
            let isKnown = word >> RateTable.timeBits == tag
            let start = isKnown ? max(word & RateTable.timeMask, now) : now
            let debt = start - now
            // More than this limit allows is what a laxer one has left, or another worker whose clock is ahead.
            if debt > limit.tolerance { return (debt - limit.tolerance) * 1000 }
            let next = tag << RateTable.timeBits | min(start + limit.interval, RateTable.timeMask)
            // Nothing else is read or written by it, so no order is needed.
            if set[place].compareExchange(expected: word, desired: next, ordering: .relaxed).exchanged { return nil }
        }
    }
}
