/// Values of settings as everybody may see them.
package enum SettingRedaction {
    /// `https://user:secret@host/` becomes `https://REDACTED@host/` (RFC 3986, section 3.2.1); what is no URL stays.
    package static func redacted(_ value: String) -> String {
        guard let scheme = value.firstRange(of: "://") else { return value }
        let rest = value[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@") else { return value }
        return value[..<scheme.upperBound] + "REDACTED" + rest[at...]
    }
}
