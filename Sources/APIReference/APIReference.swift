internal import KeyedHashing
internal import RPCCore

/// The page on which people read and try out an API: one HTML document with all that it needs, made of an OpenAPI one.
package struct APIReference: Sendable {
    /// The page, UTF-8.
    package let content: [UInt8]
    /// Value of the `Content-Security-Policy` that it is to be served with.
    ///
    /// Its own script and style are named by their hashes, so that nothing else runs, whatever the document holds. It may
    /// call the server that it comes from, and nobody else.
    package let contentSecurityPolicy: String

    /// Makes the page for an OpenAPI document.
    ///
    /// - Parameters:
    ///   - document: the text of the document, JSON.
    ///   - title: what the page is called until its script has read the document.
    /// - Throws: ``APIReferenceError`` without SHA-256.
    package init(document: String, title: String = "API reference") throws(APIReferenceError) {
        let style = PackageResources.page_css
        let script = APIReference.script
        content = PageTemplate(PackageResources.page_html).filled([
            "title": PageTemplate.escaped(text: title),
            "style": style,
            "document": PageTemplate.escaped(json: document),
            "script": script,
        ])
        contentSecurityPolicy = [
            "default-src 'none'",
            "script-src \(try APIReference.source(script))",
            "style-src \(try APIReference.source(style))",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            // Strings never become markup or script, by mistake either.
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ].joined(separator: "; ")
    }

    /// The script's parts, which are one module.
    private static var script: [UInt8] {
        PackageResources.dom_js + PackageResources.markdown_js + PackageResources.document_js
            + PackageResources.schema_js + PackageResources.signin_js + PackageResources.request_js
            + PackageResources.answer_js + PackageResources.tryit_js + PackageResources.page_js
    }

    /// The source expression for what is inlined (Content Security Policy Level 3, section 2.3.1).
    private static func source(_ content: [UInt8]) throws(APIReferenceError) -> String {
        guard let digest = ContentDigest.sha256(content) else { throw .noHash }
        return "'sha256-\(BinaryMetadata.encode(digest, isPadded: true))'"
    }
}
