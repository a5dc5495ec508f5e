import Testing

@testable import APIReference

@Suite
struct APIReferenceTests {
    private let hostile = #"{"openapi": "3.1.0", "info": {"title": "</script><script>alert(1)</script><!--<script>"}}"#

    private func page(_ document: String, title: String = "API reference") throws -> String {
        String(decoding: try APIReference(document: document, title: title).content, as: UTF8.self)
    }

    /// What stands between two texts, the first such.
    private func part(of text: String, from start: String, to end: String) throws -> Substring {
        let begin = try #require(text.firstRange(of: start)).upperBound
        let rest = text[begin...]
        return try rest[..<#require(rest.firstRange(of: end)).lowerBound]
    }

    @Test
    func isOneDocumentWithoutLinksElsewhere() throws {
        let text = try page("{}")
        #expect(text.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
        #expect(text.hasSuffix("</html>\n"))
        #expect(!text.contains("{{"))
        for mark in ["http://", "https://", "src=", "@import", "innerHTML", "document.write", "eval(", "localStorage"] {
            #expect(!text.contains(mark), "\(mark)")
        }
        #expect(try part(of: text, from: "<title>", to: "</title>") == "API reference")
        #expect(try part(of: page("{}", title: "A & <B>"), from: "<title>", to: "</title>") == "A &amp; &lt;B>")
    }

    /// No text of a document ends the element that it is in, or keeps that from ending.
    @Test
    func aDocumentStaysInItsElement() throws {
        let text = try page(hostile)
        #expect(text.count(of: "</script") == 2)
        #expect(text.count(of: "<script") == 2)
        #expect(!text.contains("<!--"))
        let json = try part(of: text, from: #"id="page-document">"#, to: "</script>")
        #expect(json.replacing(#"\u003c"#, with: "<") == hostile)
    }

    @Test
    func thePolicyNamesWhatThePageHas() throws {
        let reference = try APIReference(document: "{}")
        let policy = reference.contentSecurityPolicy
        let directives = policy.split(separator: "; ").map { String($0) }
        #expect(directives.first == "default-src 'none'")
        let others = [
            "connect-src 'self'", "img-src data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
            "require-trusted-types-for 'script'", "trusted-types 'none'",
        ]
        #expect(others.allSatisfy(directives.contains))
        for name in ["script-src", "style-src"] {
            let sources = directives.filter { $0.hasPrefix("\(name) ") }
            #expect(sources.count == 1)
            // 32 bytes are 43 letters and a filler.
            #expect(sources.allSatisfy { $0.wholeMatch(of: /[a-z]+-src 'sha256-[A-Za-z0-9+\/]{43}='/) != nil })
        }
        #expect(!policy.contains("unsafe"))
        // Nothing of the document is in it: it is the same for all.
        #expect(try APIReference(document: hostile, title: "x").contentSecurityPolicy == policy)
    }

    /// Elements of the page have no handlers and no styles of their own, which the policy forbids.
    @Test
    func thePageKeepsToItsPolicy() throws {
        let html = String(decoding: PackageResources.page_html, as: UTF8.self)
        #expect(html.firstMatch(of: /[ ](?:style|on[a-z]+)=/) == nil)
        #expect(html.count(of: "<script") == 2 && html.count(of: "<style") == 1)
        for script in [PackageResources.page_js, PackageResources.dom_js, PackageResources.tryit_js] {
            #expect(!String(decoding: script, as: UTF8.self).contains("</script"))
        }
    }
}

extension String {
    fileprivate func count(of text: String) -> Int { ranges(of: text).count }
}
