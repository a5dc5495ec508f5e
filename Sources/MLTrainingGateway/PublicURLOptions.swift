import ArgumentParser
import Gateway

/// Where clients find the gateway, for what it says of itself.
struct PublicURLOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where clients reach the gateway, such as https://ml.example.com, for the servers of the OpenAPI document.",
            valueName: "url"
        )
    )
    var publicUrl: String?

    /// The URL, checked; empty if none was given.
    func url() throws(GatewayError) -> String {
        guard let publicUrl, !publicUrl.isEmpty else { return "" }
        guard Self.isUsable(publicUrl) else {
            throw GatewayError(
                "--public-url \(publicUrl) is not http:// or https:// with a host, and perhaps a port and a path"
            )
        }
        return publicUrl
    }

    /// `http[s]://host[:port][/path]`: what browsers and tools make one URL of with the path of an operation behind it.
    private static func isUsable(_ url: String) -> Bool {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, ["http:", "https:"].contains(parts[0].lowercased()), parts[1].isEmpty else {
            return false
        }
        let path = parts.count > 3 && !parts[3].isEmpty ? "/" + parts[3] : ""
        let isGoodPath = (try? BasePath(path.hasSuffix("/") ? String(path.dropLast()) : path)) != nil
        return isGoodPath && isHost(parts[2])
    }

    /// A name or an address, in brackets if there are colons in it, and perhaps a port (RFC 3986, section 3.2).
    private static func isHost(_ authority: Substring) -> Bool {
        var host = authority
        if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
            guard let port = UInt16(authority[authority.index(after: colon)...]), port > 0 else { return false }
            host = authority[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            return host.count > 2 && host.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
        }
        return !host.isEmpty
            && host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
