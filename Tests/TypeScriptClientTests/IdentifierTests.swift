import Testing

@testable import TypeScriptClient

struct IdentifierTests {
    @Test(arguments: [
        ("SubmitTrainingJob", "submitTrainingJob"), ("HTTPGet", "httpGet"), ("GET", "get"), ("ABTest2", "abTest2"),
        ("submit_job", "submitJob"), ("_private", "_private"), ("Get2FA", "get2FA"), ("X1", "x1"),
        ("ünicode", "_Nicode"),
        ("", "_"), ("9lives", "_9lives"), ("a-b", "aB"),
    ])
    func `Method names begin lower`(name: String, expected: String) {
        #expect(Identifier.lowerCamelCase(name) == expected)
    }
}
