/// Texts as everybody may see them.
package enum SettingRedaction {
    /// `https://user:secret@host/` becomes `https://REDACTED@host/` (RFC 3986, section 3.2.1), wherever in a text it stands.
    ///
    /// So does `https://user:sec/ret@host/`, which is none but may have been meant.
    package static func redacted(_ text: String) -> String {
        var redacted = ""
        var rest = text[...]
        while let scheme = rest.firstRange(of: "://") {
            redacted += rest[..<scheme.upperBound]
            rest = rest[scheme.upperBound...]
            guard let at = endOfUserinfo(rest[..<(rest.firstRange(of: "://")?.lowerBound ?? rest.endIndex)])
            else { continue }
            redacted += "REDACTED"
            rest = rest[at...]
        }
        return redacted + rest
    }

    /// The place of the `@` behind what may be a secret; nil where there is none.
    private static func endOfUserinfo(_ url: Substring) -> Substring.Index? {
        let authority = url.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = authority.lastIndex(of: "@") { return at }
        // A port is a number; anything else there may be the first part of a password.
        guard let colon = authority.lastIndex(of: ":") else { return nil }
        let port = authority[colon...].dropFirst()
        guard !port.isEmpty, !port.contains(" "), !NumberText.isDigits(port.utf8) else { return nil }
        return url.prefix { $0 != " " }.lastIndex(of: "@")
    }
}
