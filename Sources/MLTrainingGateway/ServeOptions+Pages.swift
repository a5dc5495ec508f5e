import APIReference
import Gateway
import HTTPRules
import OpenAPI

extension ServeOptions {
    /// Bytes of JSON that a document may have; what is made of it takes a few times as much.
    private static let maximumDocumentBytes = 16 << 20

    /// What is answered where the API has no route: its description, for programs and for people.
    ///
    /// `publicURL` is where clients find the gateway, empty where nobody has said. Throws where the API is too large to be
    /// described.
    func pages(of api: ServedAPI, _ descriptorSet: [UInt8], at publicURL: String) throws -> [StaticPage] {
        guard documentation.docs else { return [] }
        var options = OpenAPIOptions(json)
        options.publicURL = publicURL
        options.basePath = proxy.basePath
        options.signIn = signIn.documented
        let document = OpenAPIDocument(
            schema: api.schema,
            routes: api.routes.routes,
            descriptorSet: descriptorSet,
            options: options
        )
        let json = Array(document.json().utf8)
        guard json.count <= Self.maximumDocumentBytes else {
            throw GatewayError(
                "the document of this API would take \(json.count >> 20) MiB, and \(Self.maximumDocumentBytes >> 20) are "
                    + "the most that is served; `mltraining-gateway openapi` prints it"
            )
        }
        let reference = try APIReference(
            document: JSONWriter.text(of: document.root, isIndented: false),
            title: document.root["info"]?["title"]?.string ?? "API reference"
        )
        return [
            StaticPage(path: "/openapi.json", mediaType: "application/json", content: json),
            // RFC 9512.
            StaticPage(path: "/openapi.yaml", mediaType: "application/yaml", content: Array(try document.yaml().utf8)),
            StaticPage(
                path: "/docs",
                mediaType: "text/html; charset=utf-8",
                content: reference.content,
                fields: [
                    ("Content-Security-Policy", reference.contentSecurityPolicy),
                    // Where somebody reads about the API is nobody's business.
                    ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
                ]
            ),
        ]
    }
}
