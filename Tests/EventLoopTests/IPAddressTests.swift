import EventLoop
import Testing

@Suite
struct IPAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ("2001:db8::1", "2001:db8::1"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("::", "::"), ("::1", "::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"), ("::ffff:c000:201", "192.0.2.1"), ("::192.0.2.1", "::192.0.2.1"),
    ])
    func addresses(text: String, description: String) throws {
        let address = try #require(IPAddress(parsing: text))
        #expect(address.description == description)
        #expect(address == IPAddress(parsing: description))
        #expect(address.isIPv4 == !description.contains(":"))
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4:80", "01.2.3.4", "1.2.3.-4",
        "[::1]",
        "::1%lo", ":::", "1::2::3", "12345::", "g::", "::1\u{0}", "localhost", "1:2:3:4:5:6:7:8:9",
        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
    ])
    func noAddresses(text: String) {
        #expect(IPAddress(parsing: text) == nil)
    }

    @Test(
        arguments: [([1, 2, 3, 4], "1.2.3.4"), ([UInt8](repeating: 0, count: 15) + [9], "::9")] as [([UInt8], String)]
    )
    func bytes(bytes: [UInt8], text: String) {
        #expect(bytes.withUnsafeBytes { IPAddress(bytes: $0) }?.description == text)
    }

    @Test
    func eachNumberOfAnIPv4Address() throws {
        for number in UInt8.min...UInt8.max {
            for place in 0..<4 {
                var bytes: [UInt8] = [10, 255, 0, 99]
                bytes[place] = number
                let address = try #require(bytes.withUnsafeBytes { IPAddress(bytes: $0) })
                #expect(address.description == bytes.map(String.init).joined(separator: "."))
            }
        }
    }

    @Test(arguments: [0, 3, 5, 15, 17])
    func otherNumbersOfBytes(count: Int) {
        #expect([UInt8](repeating: 1, count: count).withUnsafeBytes { IPAddress(bytes: $0) } == nil)
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("::ffff:192.0.2.1", "192.0.2.1"),
    ])
    func clientNetworks(address: String, network: String) throws {
        let address = try #require(IPAddress(parsing: address))
        #expect(address.clientNetwork.description == network)
    }
}
