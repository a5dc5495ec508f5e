import Testing

@testable import Transcoding

@Suite
struct JSONMemberTests {
    private func exp(_ text: String) -> Double? {
        Array(text.utf8).withUnsafeBytes { JSONMember.number("exp", of: $0) }
    }

    @Test(arguments: [
        (#"{"exp":1}"#, 1), (#" { "a" : [ {"exp": 2} ] , "exp" : 1700000000.5 } "#, 1_700_000_000.5),
        (#"{"exp":-1e3,"b":null}"#, -1000), (#"{"\u0065xp":7}"#, 7), (#"{"exp":1,"exp":2}"#, 2),
        (#"{"exp":1e999}"#, .infinity),
    ])
    func aNumberIsFound(text: String, value: Double) {
        #expect(exp(text) == value)
    }

    @Test(arguments: [
        "", "{}", "{ }", "1", "[1]", #"["exp",1]"#, #"{"exp":"1"}"#, #"{"exp":null}"#, #"{"EXP":1}"#, #"{"expx":1}"#,
        #"{"exp":1,"exp":"x"}"#, #"{"exp":1"#, #"{"exp":1}}"#, #"{"exp":1,}"#, #"{"exp":01}"#, #"{"exp":1}x"#,
        #"{"exp":1,"a":\#(String(repeating: "[", count: 1000))"#, #"{exp:1}"#, #"{"a":{"exp":1}}"#, #"{} {}"#,
    ])
    func anythingElseIsNone(text: String) {
        #expect(exp(text) == nil)
    }
}
