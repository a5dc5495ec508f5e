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
}
