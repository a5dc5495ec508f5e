import Testing

@testable import Gateway

@Suite
struct ForwardedListTests {
    @Test(arguments: [
        ("", []), ("a", ["a"]), ("a,b", ["b", "a"]), (" a , \tb\t", ["b", "a"]), (",", ["", ""]), ("a,", ["", "a"]),
        (",a", ["a", ""]), ("a,,c", ["c", "", "a"]), (" ", [""]), ("a b", ["a b"]),
    ])
    func fromTheEnd(text: String, elements: [String]) {
        Array(text.utf8).withUnsafeBytes { bytes in
            var list = ForwardedList(bytes)
            var found: [String] = []
            #expect(list.count == elements.count)
            while let element = list.popLast() {
                found.append(String(decoding: element, as: UTF8.self))
                #expect(list.count == elements.count - found.count)
            }
            #expect(found == elements)
            #expect(list.popLast() == nil)
        }
    }
}
