import Settings
import Testing

@Suite
struct SettingRedactionTests {
    @Test(arguments: [
        ("https://user:secret@host:443/path", "https://REDACTED@host:443/path"),
        ("https://token@host", "https://REDACTED@host"), ("https://a:b@c@host", "https://REDACTED@host"),
        ("http://host/a@b", "http://host/a@b"), ("http://host?x=@", "http://host?x=@"),
        ("user:secret@host", "user:secret@host"), ("/etc/key@1", "/etc/key@1"), ("", ""),
    ])
    func credentialsInURLsAreLeftOut(value: String, shown: String) {
        #expect(SettingRedaction.redacted(value) == shown)
    }

    @Test(arguments: [
        ("--upstream: upstream \"http://u:p@h:1\": no", "--upstream: upstream \"http://REDACTED@h:1\": no"),
        ("http://u:p@h:1, https://h, https://v:q@i", "http://REDACTED@h:1, https://h, https://REDACTED@i"),
        ("http://u:my secret@h", "http://REDACTED@h"), ("http://u:se/cr?e#t@h", "http://REDACTED@h"),
        ("no TLS to https://h: /etc/key@1: not found", "no TLS to https://h: /etc/key@1: not found"),
        ("https://h:443: /key@1", "https://h:443: /key@1"), ("://://@://", "://://REDACTED@://"),
    ])
    func anywhereInAText(text: String, shown: String) {
        #expect(SettingRedaction.redacted(text) == shown)
    }

    @Test
    func problemsHaveNone() {
        #expect(SettingProblem("not http://u:secret@h", at: ["f:1:1"]).description == "f:1:1: not http://REDACTED@h")
    }
}
