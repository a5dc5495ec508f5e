import APIReference
import Gateway
import OpenAPI

extension ServeOptions {
    /// What is answered where the API has no route: its description, for programs and for people.
    func pages(of api: ServedAPI) throws -> [StaticPage] {
        guard documentation.docs else { return [] }
        let json = #"{"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {}}"#
        let reference = try APIReference(document: json)
        return [
            StaticPage(path: "/openapi.json", mediaType: "application/json", content: Array(json.utf8)),
            // RFC 9512.
            StaticPage(path: "/openapi.yaml", mediaType: "application/yaml", content: Array(json.utf8)),
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
