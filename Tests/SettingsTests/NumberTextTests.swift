import Settings
import Testing

@Suite
struct NumberTextTests {
    @Test(arguments: ["0", "7", "10", "-1", "-0", "9223372036854775808"])
    func wholeNumbers(text: String) {
        #expect(NumberText.isWhole(text))
        #expect(NumberText.isNumber(text))
    }

    @Test(arguments: ["0.5", "2.50", "-1.5", "10.000", "300.0"])
    func fractions(text: String) {
        #expect(!NumberText.isWhole(text))
        #expect(NumberText.isNumber(text))
    }

    /// One rule for all numbers, and for all places where they are given.
    @Test(arguments: [
        "", "-", "+1", "010", "00", "-01", "01.5", "0x10", "0X1p3", "0o10", "0b1", "1e3", "1E3", "1_000", "1,5", "1.",
        ".5", "1.5.2", "1 ", " 1", "inf", "nan", ".nan", ".inf", "infinity", "true", "1.-5", "١", "1\0",
    ])
    func others(text: String) {
        #expect(!NumberText.isWhole(text))
        #expect(!NumberText.isNumber(text))
    }
}
