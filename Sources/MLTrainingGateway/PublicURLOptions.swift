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
        let scheme = ["https://", "http://"].first { publicUrl.hasPrefix($0) }
        let rest = publicUrl.dropFirst(scheme?.count ?? 0)
        let isPlain = rest.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && !"\"<>\\^`{|}?#@".utf8.contains(byte)
        }
        guard scheme != nil, let first = rest.first, first != "/", first != ":", isPlain else {
            throw GatewayError(
                "--public-url \(publicUrl) is not http:// or https:// with a host, and perhaps a port and a path"
            )
        }
        return publicUrl
    }
}
