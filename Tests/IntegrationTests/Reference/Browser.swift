import GatewayTesting
import Glibc
import Testing

/// A headless Chromium with one page, by way of `chromedriver` (W3C WebDriver).
///
/// Blocking, for one test at a time.
final class Browser: Sendable {
    struct Failure: Error {
        let command: String
        let answer: JSON
    }

    private static let driver = "/usr/bin/chromedriver"
    private static let chromium = "/usr/bin/chromium"
    /// What an element is called in answers (WebDriver, section 12.1).
    private static let elementKey = "element-6066-11e4-a52e-4f735466cecf"
    static let isInstalled = access(driver, X_OK) == 0 && access(chromium, X_OK) == 0

    private let process: ChildProcess
    private let address: String
    private let session: String

    init() throws {
        process = try ChildProcess(Browser.driver, ["--port=0"])
        let line = try process.waitForLine(
            prefix: "ChromeDriver was started successfully on port ",
            timeout: .seconds(30)
        )
        address = "127.0.0.1:\(line.prefix { $0.isNumber })"
        let options: JSON = [
            "binary": .string(Browser.chromium),
            // In a container there is no other sandbox, and little shared memory; root is let in without one alone.
            "args": [
                "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
                "--window-size=1280,900",
            ],
        ]
        let capabilities: JSON = [
            "alwaysMatch": [
                "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": ["browser": "ALL"],
            ]
        ]
        let made = try Browser.call(address, "POST", "/session", ["capabilities": capabilities])
        session = try #require(made["sessionId"].text, "\(made)")
    }

    /// Ends the browser and its driver.
    func stop() throws {
        // The browser's processes are the driver's, which ends them with the session.
        _ = try? Browser.call(address, "DELETE", "/session/\(session)", nil)
        try process.terminate()
    }

    // MARK: Pages

    /// Goes to a page, and leaves what the log has of the one before behind.
    func open(_ url: String) throws {
        // From one fragment to another the page would stay.
        try command("POST", "/url", ["url": "about:blank"])
        _ = try log()
        try command("POST", "/url", ["url": .string(url)])
    }

    /// Looks at pages as somebody with these settings does.
    func emulate(width: Int, height: Int, isDark: Bool) throws {
        try developerTools(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": .number(Double(width)), "height": .number(Double(height)), "deviceScaleFactor": 1,
                "mobile": false,
            ]
        )
        let scheme: JSON = ["name": "prefers-color-scheme", "value": .string(isDark ? "dark" : "light")]
        try developerTools("Emulation.setEmulatedMedia", ["features": [scheme]])
    }

    /// What the body of a function comes to, in the page; `arguments` are its `arguments`.
    @discardableResult
    func run(_ script: String, _ arguments: JSON...) throws -> JSON {
        try command("POST", "/execute/sync", ["script": .string(script), "args": .array(arguments)])
    }

    /// Console messages and errors of the network since the last time: `level`, `message`.
    func log() throws -> [JSON] {
        try command("POST", "/se/log", ["type": "browser"]).elements
    }

    // MARK: Elements, by CSS selectors

    func click(_ selector: String) throws {
        try command("POST", "/element/\(element(selector))/click", [:])
    }

    /// Types behind what is there.
    func type(_ text: String, into selector: String) throws {
        try command("POST", "/element/\(element(selector))/value", ["text": .string(text)])
    }

    func clear(_ selector: String) throws {
        try command("POST", "/element/\(element(selector))/clear", [:])
    }

    /// The text that can be seen.
    func text(_ selector: String) throws -> String {
        try command("GET", "/element/\(element(selector))/text", nil).text ?? ""
    }

    /// Waits until an element's text fulfils `condition`; that text.
    func waitForText(_ selector: String, _ condition: (String) -> Bool) async throws -> String {
        var found = ""
        try await eventually("\(selector) says what is hoped for", within: .seconds(30), every: .milliseconds(50)) {
            // It may not be there yet.
            guard let text = try? text(selector) else { return false }
            found = text
            return condition(text)
        }
        return found
    }

    /// Presses a key on whatever has the focus, as `\u{E004}` for Tab (WebDriver, section 17.4.2).
    func press(_ key: Character) throws {
        let presses: [JSON] = ["keyDown", "keyUp"].map { ["type": .string($0), "value": .string(String(key))] }
        let keyboard: JSON = ["type": "key", "id": "keyboard", "actions": .array(presses)]
        try command("POST", "/actions", ["actions": [keyboard]])
    }

    private func element(_ selector: String) throws -> String {
        let found = try command("POST", "/element", ["using": "css selector", "value": .string(selector)])
        return try #require(found[Browser.elementKey].text, "\(selector)")
    }

    // MARK: Commands

    private func developerTools(_ name: String, _ parameters: JSON) throws {
        try command("POST", "/goog/cdp/execute", ["cmd": .string(name), "params": parameters])
    }

    @discardableResult
    private func command(_ method: String, _ path: String, _ body: JSON?) throws -> JSON {
        try Browser.call(address, method, "/session/\(session)\(path)", body)
    }

    private static func call(_ address: String, _ method: String, _ path: String, _ body: JSON?) throws -> JSON {
        let client = try RawHTTPClient(address: address, timeout: .seconds(60))
        let content = try body.map { Array(try $0.encoded.utf8) }
        // It takes local names alone, lest a page somewhere talks to it.
        let headers: HeaderList = ["Host": address, "Content-Type": "application/json; charset=utf-8"]
        let answer = try client.request(method, path, headers: headers, body: content)
        let json = try JSON(parsing: answer.body)
        guard answer.status == 200 else { throw Failure(command: "\(method) \(path)", answer: json) }
        return json["value"]
    }
}

/// Starts one ``Browser`` for all tests of a suite and ends it after the last one.
struct SharedBrowser: SuiteTrait, TestScoping {
    @TaskLocal private static var browser: Browser?

    static var current: Browser {
        get throws { try #require(browser) }
    }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        guard Browser.isInstalled else { return try await function() }
        let browser = try Browser()
        do {
            try await Self.$browser.withValue(browser, operation: function)
        } catch {
            try browser.stop()
            throw error
        }
        try browser.stop()
    }
}

extension Trait where Self == SharedBrowser {
    /// One ``Browser`` for the whole suite.
    static var sharedBrowser: Self { Self() }
}
