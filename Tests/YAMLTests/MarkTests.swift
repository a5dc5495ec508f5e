import Testing

@testable import YAML

@Suite
struct MarkTests {
    @Test(arguments: [
        ("", 0, 1, 1), ("abc", 2, 1, 3), ("a\nb", 2, 2, 1), ("a\nb", 1, 1, 2), ("é\r\nöü", 6, 2, 2), ("🙂x", 4, 1, 2),
        ("a\n\n", 3, 3, 1), ("a", 9, 1, 2),
    ])
    func offsets(text: String, offset: Int, line: Int, column: Int) {
        #expect(Mark(offset: offset, in: Array(text.utf8)) == Mark(line: line, column: column))
    }
}
