import GatewayTesting
import Testing

/// The API reference in Chromium.
@Suite(.enabled(if: Browser.isInstalled, "chromium and chromium-driver"), .sharedBrowser, .serialized)
struct ReferenceBrowserTests {
    private let browser: Browser

    init() throws {
        browser = try SharedBrowser.current
        try browser.emulate(width: 1280, height: 900, isDark: false)
    }

    @Test(arguments: [(1280, false), (1280, true), (360, true), (360, false)])
    func isReadableInAnyWindow(width: Int, isDark: Bool) throws {
        let stack = try ScriptedStack()
        try browser.emulate(width: width, height: 800, isDark: isDark)
        let page = ReferencePage(browser, of: stack.gateway)
        try page.open()
        #expect(try browser.run("return document.title") == "ML Training Service")
        let background = try browser.run("return getComputedStyle(document.body).backgroundColor")
        #expect(background == (isDark ? "rgb(20, 24, 29)" : "rgb(255, 255, 255)"))
        #expect(try page.barriers() == [])
        try page.openEverything()
        let forms = "return document.querySelectorAll('form').length - document.querySelectorAll('.try').length"
        // One to sign in.
        #expect(try browser.run(forms) == 1)
        #expect(try page.barriers() == [])
        try page.expectNoComplaints()
        try stack.stop()
    }

    /// The check itself, on a page with something wrong of each kind.
    @Test
    func barriersAreSeen() throws {
        let stack = try ScriptedStack()
        let page = ReferencePage(browser, of: stack.gateway)
        try page.open()
        try browser.run(
            """
            document.querySelector("label[for=page-filter]").removeAttribute("for");
            const add = (name, attributes, text) => {
                const element = document.createElement(name);
                for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
                element.textContent = text;
                document.querySelector("main").append(element);
                return element;
            };
            add("h2", {}, "two");
            add("h6", {}, "six");
            add("p", { id: "page-main" }, "the same");
            add("div", { "aria-controls": "nothing" }, "leads nowhere");
            add("button", { tabindex: 3 }, "first");
            add("p", {}, "pale").style.color = "color-mix(in srgb, canvas, gray 40%)";
            add("p", {}, "wide").style.width = "5000px";
            """
        )
        let found = try page.barriers().compactMap(\.text)
        for start in [
            "no name: <input id=page-filter>", "h6 behind h2: <h6>", "two of id page-main",
            "aria-controls names nothing", "a tab order of its own: <button>", "contrast ",
        ] {
            #expect(found.count { $0.hasPrefix(start) } == 1, "\(start): \(found)")
        }
        #expect(found.contains { $0.hasSuffix(" pixels to the right of the window") })
        try stack.stop()
    }

    @Test
    func submitsAJobAndReadsItBack() async throws {
        let stack = try LocalStack()
        let page = ReferencePage(browser, of: stack.gateway)
        try page.open("submitTrainingJob")
        // The body is the example.
        #expect(try await page.send("submitTrainingJob").hasPrefix("201 Created, in "))
        let id = try #require(try JSON(parsing: page.answerBody("submitTrainingJob"))["id"].text)
        #expect(try stack.gateway.get("/v1/jobs/\(id)").status == 200)
        let headers = ReferencePage.part("submitTrainingJob", "section.answer details")
        try browser.click("\(headers) > summary")
        #expect(try browser.text("\(headers) table").contains("location /v1/jobs/\(id)"))

        try page.open("getTrainingJob")
        try page.fill("getTrainingJob", "id", with: id)
        #expect(try await page.send("getTrainingJob").hasPrefix("200 OK, in "))
        let body = try page.answerBody("getTrainingJob")
        #expect(body.hasPrefix("{\n  \"status\": \"TRAINING_STATUS_"))
        #expect(try JSON(parsing: body)["id"].text == id)
        try page.expectNoComplaints()

        // An error is an answer like others; the browser has a line for it of its own.
        try page.fill("getTrainingJob", "id", with: "a/b c:cancel")
        #expect(try await page.send("getTrainingJob").hasPrefix("404 Not Found, in "))
        #expect(try JSON(parsing: page.answerBody("getTrainingJob"))["error"]["status"] == "NOT_FOUND")
        #expect(try page.answerBody("getTrainingJob").contains("no training job a/b c:cancel"))
        #expect(try page.barriers() == [])
        try stack.stop()
    }

    /// What the form says is what a shell makes of the curl line.
    @Test
    func theCurlLineFollowsTheForm() async throws {
        let stack = try ScriptedStack(["--access-log", "json"])
        let page = ReferencePage(browser, of: stack.gateway)
        try page.open("listTrainingJobs")
        let organization = "it's $HOME `id` \"x\" & ü/%2F#?"
        try page.fill("listTrainingJobs", "organizationId", with: organization)
        let line = try page.curlLine("listTrainingJobs")
        #expect(line.hasPrefix("curl -i 'http://\(stack.gateway.address)/v1/jobs?organizationId=it"))
        stack.upstream.on(MLTraining.service + "/ListTrainingJobs", .answer([]))
        #expect(try await page.send("listTrainingJobs").hasPrefix("200 OK, in "))
        try shell(line)
        try browser.click(ReferencePage.part("listTrainingJobs", ".try button.copy"))
        let note = ReferencePage.part("listTrainingJobs", ".try .copy + [role=status]")
        _ = try await browser.waitForText(note) { $0 == "Copied" || $0.hasPrefix("Selected: ") }
        let sent = stack.upstream.requests.map(\.messages)
        #expect(sent.count == 2)
        #expect(sent.first == sent.last)
        #expect(sent.first == [ProtobufFixture.message { $0.string(1, organization) }])

        try page.open("submitTrainingJob")
        stack.upstream.on(MLTraining.submit, .answer([]))
        try page.fill("submitTrainingJob", "Body", with: #"{"modelName": "it's \"$HOME\" \\ ü"}"#)
        #expect(try await page.send("submitTrainingJob").hasPrefix("200 OK, in "))
        try shell(page.curlLine("submitTrainingJob"))
        let bodies = stack.upstream.requests.dropFirst(2).map(\.messages)
        #expect(bodies.count == 2)
        #expect(bodies.first == bodies.last)
        #expect(bodies.first == [ProtobufFixture.message { $0.string(3, "it's \"$HOME\" \\ ü") }])
        try stack.stop()
    }

    private func shell(_ line: String, environment: [String: String] = [:]) throws {
        let process = try ChildProcess("/bin/sh", ["-c", line], environment: environment)
        process.closeInput()
        #expect(try process.waitForExit() == .code(0), "\(line)\n\(process.transcript)")
        #expect(process.lines(.output).first?.hasPrefix("HTTP/1.1 200") == true, "\(process.transcript)")
    }

    @Test
    func secretsAreSentAndNeverKept() async throws {
        let stack = try ScriptedStack()
        let page = ReferencePage(browser, of: stack.gateway)
        try page.open("getTrainingJob")
        try browser.type("s3cret-token", into: "input[type=password]")
        try page.fill("getTrainingJob", "id", with: "a")
        #expect(try await page.send("getTrainingJob").hasPrefix("200 OK, in "))
        #expect(stack.upstream.requests.last?.headers["authorization"] == "Bearer s3cret-token")
        let line = try page.curlLine("getTrainingJob")
        #expect(line.contains("-H \"Authorization: Bearer $BEARER\""))
        try shell(line, environment: ["BEARER": "another"])
        #expect(stack.upstream.requests.last?.headers["authorization"] == "Bearer another")
        #expect(try browser.run("return document.documentElement.outerHTML.includes('s3cret')") == false)
        let places = "return [localStorage.length, sessionStorage.length, document.cookie, location.search]"
        #expect(try browser.run(places) == [0, 0, "", ""])
        try page.open("getTrainingJob")
        #expect(try browser.run("return document.querySelector('input[type=password]').value") == "")
        try page.expectNoComplaints()
        try stack.stop()
    }

    /// Two fields are one key.
    @Test
    func anAPIKeySignsIn() async throws {
        let stack = try SignInStack()
        let page = ReferencePage(browser, of: stack.gateway)
        try page.open("getTrainingJob")
        #expect(try page.barriers() == [])
        try page.fill("getTrainingJob", "id", with: "a")
        #expect(try await page.send("getTrainingJob").hasPrefix("401 Unauthorized, in "))
        for (label, text) in [("X-Viam-Api-Key-Id", SignInStack.id), ("X-Viam-Api-Key", SignInStack.secret)] {
            let field = try browser.run(
                "return [...document.querySelectorAll('label')].find((one) => one.textContent === arguments[0]).htmlFor",
                .string(label)
            )
            try browser.type(text, into: "#\(field.text ?? "")")
        }
        let line = try page.curlLine("getTrainingJob")
        #expect(line.contains("-H \"X-Viam-Api-Key-Id: $API_KEY_ID\""))
        #expect(line.contains("-H \"X-Viam-Api-Key: $API_KEY_SECRET\""))
        #expect(try await page.send("getTrainingJob").hasPrefix("200 OK, in "))
        #expect(stack.signIns.count == 1)
        try browser.click("main form button[type=reset]")
        #expect(try await page.send("getTrainingJob").hasPrefix("401 Unauthorized, in "))
        try stack.stop()
    }

    /// Pages of other sites must not use the gateway's own key, and this one is none of them.
    @Test
    func theGatewaysOwnKeyIsForItsPageToo() async throws {
        let folder = try TemporaryFolder()
        for (name, text) in [("id", SignInStack.id), ("key", SignInStack.secret)] {
            try FileBytes.write(Array(text.utf8), to: "\(folder.path)/\(name)")
        }
        let stack = try SignInStack([
            "--viam-auth", "service-key", "--viam-api-key-id-file", "\(folder.path)/id", "--viam-api-key-file",
            "\(folder.path)/key",
        ])
        let page = ReferencePage(browser, of: stack.gateway)
        try page.open("submitTrainingJob")
        #expect(try browser.run("return document.querySelectorAll('input[type=password]').length") == 0)
        #expect(try await page.send("submitTrainingJob").hasPrefix("200 OK, in "))
        try page.expectNoComplaints()
        try stack.stop()
    }

    @Test
    func filterLinksAndKeyboard() async throws {
        let stack = try ScriptedStack()
        let page = ReferencePage(browser, of: stack.gateway)
        try page.open()
        // Tab: the link past the contents, which Enter follows.
        try browser.press("\u{E004}")
        #expect(try browser.run("return document.activeElement.id") == "page-skip")
        try browser.press("\u{E007}")
        #expect(try browser.run("return document.activeElement.id") == "page-main")

        let shown = "return [...document.querySelectorAll('.item')].filter((one) => one.checkVisibility()).length"
        try browser.type("cancel job", into: "#page-filter")
        let count = try #require(try browser.text("#page-count").split(separator: " ").first.flatMap { Double($0) })
        // Those by path and by gRPC path, and perhaps schemas.
        #expect(count >= 2 && count < 10)
        #expect(try browser.run(shown) == .number(count))
        #expect(try page.barriers().filter { $0.text?.hasPrefix("only") != true } == [])
        try browser.type(" nothing has this", into: "#page-filter")
        #expect(try browser.text("#page-count").hasPrefix("0 of "))
        #expect(try browser.run(shown) == 0)

        // A link shows what the filter has hidden.
        try browser.run("location.hash = 'getTrainingJobLogs'")
        _ = try await browser.waitForText("button[aria-expanded=true]") { $0.contains("/v1/jobs/{id}/logs") }
        #expect(try browser.run("return document.activeElement.getAttribute('aria-expanded')") == "true")
        #expect(try browser.run("return document.querySelector('[aria-current]').hash") == "#getTrainingJobLogs")
        // Space closes it again.
        try browser.press(" ")
        #expect(try browser.run("return document.activeElement.getAttribute('aria-expanded')") == "false")
        try page.expectNoComplaints()
        try stack.stop()
    }

    @Test
    func belowABasePath() async throws {
        let stack = try ScriptedStack(["--base-path", "/training", "--public-url", "https://ml.example.com"])
        let page = ReferencePage(browser, of: stack.gateway, path: "/training/docs/")
        try page.open("getTrainingJob")
        try page.fill("getTrainingJob", "id", with: "a")
        #expect(try await page.send("getTrainingJob").hasPrefix("200 OK, in "))
        #expect(stack.upstream.requests.count == 1)
        let links = try browser.run("return [...document.querySelectorAll('#page-facts a')].map((one) => one.pathname)")
        #expect(links == ["/training/openapi.json", "/training/openapi.yaml"])
        // The public one is for curl alone.
        try browser.run(
            """
            const select = document.querySelector("form[aria-label='Try getTrainingJob'] select");
            select.value = "1";
            select.dispatchEvent(new Event("input", { bubbles: true }));
            """
        )
        let line = try page.curlLine("getTrainingJob")
        #expect(line.hasPrefix("curl -i 'https://ml.example.com/training/v1/jobs/a'"))
        let submit = ReferencePage.part("getTrainingJob", "[type=submit]")
        #expect(try browser.run("return document.querySelector(arguments[0]).disabled", .string(submit)) == true)
        try page.expectNoComplaints()
        try stack.stop()
    }

    /// Other APIs: nested bodies, paths of several segments, well-known types, all kinds of fields.
    @Test(arguments: ["OpenAPITests/Resources/library.binpb", "HTTPRulesTests/Resources/routes.binpb"])
    func anyDescriptorSet(file: String) throws {
        let path = #filePath.replacing("IntegrationTests/Reference/ReferenceBrowserTests.swift", with: file)
        let stack = try ScriptedStack(["--descriptor-set", path])
        let page = ReferencePage(browser, of: stack.gateway)
        try page.open()
        try page.openEverything()
        #expect(try browser.run("return document.querySelectorAll('.try').length > 2") == true)
        #expect(try page.barriers() == [])
        try page.expectNoComplaints()
        try stack.stop()
    }

    private func library() throws -> ScriptedStack {
        let path = #filePath.replacing(
            "IntegrationTests/Reference/ReferenceBrowserTests.swift",
            with: "OpenAPITests/Resources/library.binpb"
        )
        let stack = try ScriptedStack(["--descriptor-set", path])
        for method in ["DeleteBook", "EchoValue", "GetBook"] {
            stack.upstream.on("/library.v1beta1.Library/\(method)", .answer([]))
        }
        return stack
    }

    /// A body may be a string, which has quotes in JSON.
    @Test
    func aStringIsABodyToo() async throws {
        let stack = try library()
        let page = ReferencePage(browser, of: stack.gateway)
        try page.open("echoValue")
        #expect(try browser.text(ReferencePage.part("echoValue", "pre[aria-label=Example]")) == "\"value\"")
        #expect(try await page.send("echoValue").hasPrefix("200 OK, in "))
        let value = ProtobufFixture.message { $0.string(3, "value") }
        #expect(stack.upstream.requests.map(\.messages) == [[value]])
        try shell(page.curlLine("echoValue"))
        #expect(stack.upstream.requests.map(\.messages) == [[value], [value]])
        try page.expectNoComplaints()
        try stack.stop()
    }

    /// What OpenAPI has no member for: methods of one's own, any method, and two of one path and method.
    @Test(arguments: [
        ("deleteBookByName", "PURGE", "-X PURGE ", "/v1/books/"), ("deleteBookByName2", "*", "-X POST ", "/any/"),
        ("deleteBookByName4", "GET", "", "/v1/files/"),
    ])
    func operationsOfOtherMethods(id: String, method: String, option: String, path: String) async throws {
        let stack = try library()
        let page = ReferencePage(browser, of: stack.gateway)
        try page.open(id)
        #expect(try browser.text(ReferencePage.part(id, "h3 .method")) == method)
        #expect(try browser.text(ReferencePage.part(id, "h3 code")) == "\(path){name}")
        try page.fill(id, "name", with: "a")
        #expect(try page.curlLine(id).hasPrefix("curl -i \(option)'http://\(stack.gateway.address)\(path)a'"))
        // No other route takes this method here.
        #expect(try await page.send(id).hasPrefix("200 OK, in "))
        #expect(stack.upstream.requests.count == 1)
        try page.expectNoComplaints()
        try stack.stop()
    }

    /// Browsers and curl take `.` and `..` out of a path, and would call another operation.
    @Test(arguments: [("deleteBook", [".", ".."]), ("libraryGetBook3", [".", "..", "a/../b", "a/."])])
    func dotsAreNoValuesOfAPath(id: String, values: [String]) async throws {
        let stack = try library()
        let page = ReferencePage(browser, of: stack.gateway)
        try page.open(id)
        #expect(try page.curlLine(id).hasPrefix("# "))
        for value in values {
            try page.fill(id, "name", with: value)
            #expect(try browser.text(ReferencePage.part(id, ".field .error")).hasPrefix("No segment "), "\(value)")
            #expect(try page.curlLine(id).hasPrefix("# "))
            #expect(try page.barriers() == [])
            try browser.click(ReferencePage.part(id, "button[type=submit]"))
        }
        try page.fill(id, "name", with: "..a")
        #expect(try browser.text(ReferencePage.part(id, ".field .error")) == "")
        #expect(try await page.send(id).hasPrefix("200 OK, in "))
        // None of those before has left the page.
        #expect(stack.upstream.requests.count == 1)
        try page.expectNoComplaints()
        try stack.stop()
    }

    /// Another API: streams, raw bytes.
    @Test
    func aStreamIsShownAsItComes() async throws {
        let stack = try FeedStack()
        let gate = Gate()
        let (one, two) = (FeedStack.event("one"), FeedStack.event("two"))
        stack.on("Watch", [.grpcHeaders(), .message(one), .hold(gate), .message(two), .grpcTrailers()])
        let page = ReferencePage(browser, of: stack.gateway)
        try page.open("watch")
        try browser.click(ReferencePage.part("watch", "button[type=submit]"))
        _ = try await browser.waitForText(ReferencePage.part("watch", "section.answer pre")) { $0.contains("one") }
        #expect(try !page.answerBody("watch").contains("two"))
        gate.open()
        let status = ReferencePage.part("watch", "section.answer > .status")
        _ = try await browser.waitForText(status) { $0.hasPrefix("200 OK, in ") }
        #expect(try page.answerBody("watch").contains("two"))
        try page.openEverything()
        #expect(try page.barriers() == [])
        try page.expectNoComplaints()
        try stack.stop()
    }

    /// A body that is no JSON, in either direction.
    @Test
    func bytesOfAnyType() async throws {
        let stack = try FeedStack()
        stack.on("Render", .answer(FeedStack.httpBody("image/png", [0x89, 0x50, 0])))
        let page = ReferencePage(browser, of: stack.gateway)
        try page.open("render")
        try page.fill("render", "Type of the body", with: "text/csv")
        try page.fill("render", "Body", with: "a,b")
        #expect(try await page.send("render").hasPrefix("200 OK, in "))
        #expect(try page.answerBody("render") == "(3 bytes of image/png)")
        let sent = FeedStack.httpBody("text/csv", Array("a,b".utf8))
        #expect(stack.upstream.requests.map(\.messages) == [[sent]])
        stack.on("Render", .answer(FeedStack.httpBody("text/plain", Array("{plain}".utf8))))
        #expect(try await page.send("render").hasPrefix("200 OK, in "))
        #expect(try page.answerBody("render") == "{plain}")
        try page.expectNoComplaints()
        try stack.stop()
    }

    /// Whoever writes the comments of a `.proto` file does not write scripts of this page.
    @Test
    func commentsAreTextAlone() throws {
        let folder = try TemporaryFolder()
        var descriptors = try FileBytes.read(Self.descriptors)
        let marks = [
            " Trains machine learning models from an organization's datasets.":
                " </script><script>alert(1)</script><!--<img src=x onerror=f()>",
            " Starts a training job that Viam manages, and answers its id.":
                " <img src=x onerror=\"alert(1)\"><script>alert(2)</script> `<b>`",
        ]
        for (text, mark) in marks {
            let place = try #require(descriptors.firstRange(of: Array(text.utf8)))
            let filled = Array(mark.utf8) + Array(repeating: UInt8(ascii: "."), count: place.count)
            descriptors.replaceSubrange(place, with: filled.prefix(place.count))
        }
        try FileBytes.write(descriptors, to: "\(folder.path)/api.binpb")
        let stack = try ScriptedStack(["--descriptor-set", "\(folder.path)/api.binpb"])
        let page = ReferencePage(browser, of: stack.gateway)
        try page.open("submitTrainingJob")
        #expect(try browser.text("main").contains("<img src=x onerror=\"alert(1)\"><script>alert(2)</script>"))
        #expect(try browser.text("main").contains("</script><script>alert(1)</script><!--<img src=x onerror=f()>"))
        try page.openEverything()
        #expect(try browser.run("return document.querySelectorAll('script').length") == 2)
        #expect(try browser.run("return document.querySelectorAll('img, b, iframe').length") == 0)
        try page.expectNoComplaints()
        try stack.stop()
    }

    private static let descriptors = #filePath.replacing(
        "Tests/IntegrationTests/Reference/ReferenceBrowserTests.swift",
        with: "Sources/MLTraining/Resources/mltraining.binpb"
    )
}
