import Testing

@testable import HTTPServer

@Suite
struct NameLengthsTests {
    @Test
    func tellsWhatCannotBeThere() {
        var lengths = NameLengths()
        for length in 0...200 { #expect(!lengths.mayHold(length) && !lengths.mayRepeat(length)) }
        for length in [4, 10, 6, 10] { lengths.add(length) }
        #expect((0...20).filter(lengths.mayHold) == [4, 6, 10])
        #expect((0...20).filter(lengths.mayRepeat) == [10])
    }

    @Test
    func neverHidesWhatIsThere() {
        for length in 0...200 {
            var lengths = NameLengths()
            lengths.add(length)
            #expect(lengths.mayHold(length) && !lengths.mayRepeat(length))
            lengths.add(length)
            #expect(lengths.mayRepeat(length))
            #expect(NameLengths.unknown.mayHold(length) && NameLengths.unknown.mayRepeat(length))
        }
    }
}
