import GatewayTesting
import Testing

/// The page at `/docs` of a gateway, in a browser.
struct ReferencePage {
    let browser: Browser
    /// Without the fragment.
    let url: String

    private static let checks = #filePath.replacing(
        "Reference/ReferencePage.swift",
        with: "Resources/accessibility.js"
    )

    init(_ browser: Browser, of gateway: GatewayProcess, path: String = "/docs") {
        self.browser = browser
        url = "http://\(gateway.address)\(path)"
    }

    /// Loads the page, with an operation or a schema opened.
    func open(_ fragment: String = "") throws {
        try browser.open(fragment.isEmpty ? url : "\(url)#\(fragment)")
        try #require(try browser.run("return document.querySelectorAll('main section').length") != 0)
    }

    /// Opens every operation and schema, and of the first few all that is in them.
    func openEverything() throws {
        try browser.run(
            """
            document.querySelectorAll("button[aria-expanded=false]").forEach((one) => one.click());
            const parts = [document.querySelector("nav"), ...document.querySelectorAll("details.plain")];
            parts.push(...[...document.querySelectorAll("main .item")].slice(0, 4));
            for (let round = 0; round < 4; round += 1) {
                for (const one of parts.flatMap((part) => [part, ...part.querySelectorAll("details")])) {
                    // What is in it is made by an event that comes later.
                    if (one.localName !== "details" || one.open) continue;
                    one.open = true;
                    one.dispatchEvent(new Event("toggle"));
                }
            }
            """
        )
    }

    /// What is wrong with it for those who use a keyboard, a screen reader, or their eyes.
    func barriers() throws -> [JSON] {
        let script = String(decoding: try FileBytes.read(Self.checks), as: UTF8.self)
        return try browser.run(script).elements
    }

    /// Expects that the browser had nothing to say: no error, no violation of the policy.
    func expectNoComplaints(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let log = try browser.log()
        #expect(log.isEmpty, "\(log)", sourceLocation: sourceLocation)
    }

    /// A selector of something in an operation that is open.
    static func part(_ id: String, _ selector: String) -> String {
        ".item:has(form[aria-label='Try \(id)']) \(selector)"
    }

    /// Fills in the field with this name.
    func fill(_ id: String, _ name: String, with text: String) throws {
        let field = try browser.run(
            """
            const form = document.querySelector(`form[aria-label="Try ${arguments[0]}"]`);
            const label = [...form.querySelectorAll("label")].find((one) => one.textContent.startsWith(arguments[1]));
            return label.htmlFor;
            """,
            .string(id),
            .string(name)
        )
        let selector = "#\(field.text ?? "")"
        try browser.clear(selector)
        try browser.type(text, into: selector)
    }

    /// Sends the form of an operation, and waits for the answer; its status line.
    func send(_ id: String) async throws -> String {
        try browser.click(Self.part(id, "button[type=submit]"))
        return try await browser.waitForText(Self.part(id, "section.answer > .status")) { $0.contains(", in ") }
    }

    /// The body of the answer, as it is shown.
    func answerBody(_ id: String) throws -> String { try browser.text(Self.part(id, "section.answer pre")) }

    /// The curl line.
    func curlLine(_ id: String) throws -> String { try browser.text(Self.part(id, ".try > pre")) }
}
