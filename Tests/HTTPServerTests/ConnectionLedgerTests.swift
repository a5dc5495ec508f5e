import EventLoop
import Testing

@testable import HTTPServer

@Suite
struct ConnectionLedgerTests {
    /// The place, or nil where there is none.
    private func admit(_ ledger: ConnectionLedger, _ peer: String?) -> ConnectionLedger.Place? {
        guard case .admitted(let place) = ledger.admit(peer.flatMap { IPAddress(parsing: $0) }) else { return nil }
        return place
    }

    @Test
    func placesAreGivenBack() throws {
        let ledger = ConnectionLedger(.init(total: 10, perClient: 2))
        // The same client, however its address is written, and in IPv6 wherever in its network.
        let first = try #require(admit(ledger, "192.0.2.1"))
        #expect(admit(ledger, "::ffff:192.0.2.1") != nil)
        #expect(admit(ledger, "192.0.2.1") == nil)
        #expect(admit(ledger, "2001:db8::1") != nil)
        #expect(admit(ledger, "2001:db8::2:1") != nil)
        #expect(admit(ledger, "2001:db8::3") == nil)
        #expect(admit(ledger, "2001:db8:0:1::3") != nil)
        ledger.giveBack(first)
        #expect(admit(ledger, "192.0.2.1") != nil)
        #expect(admit(ledger, "192.0.2.1") == nil)
        #expect(ledger.count == 5)
    }

    @Test
    func unixSocketsHaveNoClients() {
        let ledger = ConnectionLedger(.init(total: 3, perClient: 1))
        for _ in 0..<3 { #expect(admit(ledger, nil) != nil) }
        #expect(admit(ledger, nil) == nil)
    }

    /// The number of one client's is not known of those that came while it was not limited.
    @Test
    func limitsMayChange() throws {
        let ledger = ConnectionLedger(.init(total: 0))
        let places = try (0..<3).map { _ in try #require(admit(ledger, "192.0.2.1")) }
        ledger.set(.init(total: 0, perClient: 1))
        let counted = try #require(admit(ledger, "192.0.2.1"))
        #expect(admit(ledger, "192.0.2.1") == nil)
        for place in places { ledger.giveBack(place) }
        #expect(admit(ledger, "192.0.2.1") == nil)
        ledger.set(.init(total: 0))
        ledger.giveBack(counted)
        #expect(ledger.count == 0)
        ledger.set(.init(total: 0, perClient: 1))
        #expect(admit(ledger, "192.0.2.1") != nil)
    }

    @Test
    func threadsMayShareIt() throws {
        let ledger = ConnectionLedger(.init(total: 50, perClient: 50))
        let threads = try (0..<4).map { number in
            try LoopThread {
                for _ in 0..<2000 {
                    guard case .admitted(let place) = ledger.admit(IPAddress(high: 0, low: UInt64(number))) else {
                        continue
                    }
                    ledger.giveBack(place)
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(ledger.count == 0)
    }
}
