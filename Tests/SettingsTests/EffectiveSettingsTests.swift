import Settings
import Testing

@Suite
struct EffectiveSettingsTests {
    private struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private func effective(
        _ arguments: [String] = [],
        _ variables: [String: String] = [:],
        file: String? = nil
    ) throws -> EffectiveSettings {
        try EffectiveSettings(LayeredSettings(arguments, variables, file: file))
    }

    /// Resolves with a parser that refuses arguments in which `bad` occurs, and is used to whatever it parses.
    private func resolve(_ settings: inout EffectiveSettings, texts: [String: [String]] = [:]) throws -> [[String]] {
        var calls: [[String]] = []
        _ = try settings.resolve(
            parse: { arguments in
                calls.append(arguments)
                if arguments.contains(where: { $0.hasSuffix("bad") }) {
                    throw Fault(description: "it is bad: \(arguments.joined(separator: " "))")
                }
            },
            fault: { "\($0)" },
            texts: { texts }
        )
        return calls
    }

    @Test
    func allLayersAreParsedAtOnce() throws {
        var settings = try effective(
            ["--workers", "3", "--origins", "o"],
            ["MLTRAINING_GATEWAY_AUTO_MAP": "false"],
            file: "upstream: [a, b]\nworkers: 1\nauto-map: true\norigins: [p]"
        )
        let expected = [
            "--upstream=a", "--upstream=b", "--no-auto-map", "--workers", "3", "--origins", "o",
        ]
        #expect(try resolve(&settings) == [expected])
        #expect(settings.problems.isEmpty)
    }

    @Test
    func whatIsParsedIsWhatCounts() throws {
        var settings = try effective(["--workers", "3"], file: "auto-map: true")
        _ = try resolve(&settings, texts: ["workers": ["4"], "listen": ["l"], "origins": []])
        let entries = settings.entries.map { entry in
            "\(entry.setting.name) \(entry.values ?? ["-"]) \(entry.origin?.description ?? "")"
        }
        #expect(
            entries == [
                "listen [\"l\"] ", "upstream [\"-\"] ", "workers [\"4\"] command line", "auto-map [\"-\"] f:1:11",
                "deadline [\"-\"] ", "origins [] ",
            ]
        )
    }

    @Test
    func everyRefusedValueIsToldAndLeftOut() throws {
        var settings = try effective(
            ["--listen", "bad", "--wrong=bad", "--upstream", "good", "-bad", "--deadline", "2"],
            ["MLTRAINING_GATEWAY_AUTO_MAP": "yes"],
            file: "workers: 3\norigins: [good, bad]"
        )
        let calls = try resolve(&settings)
        #expect(calls.last == ["--workers=3", "--upstream", "good", "--deadline", "2"])
        #expect(
            settings.problems.map(\.description) == [
                "MLTRAINING_GATEWAY_AUTO_MAP: --auto-map is true or false, not \"yes\"",
                "f:2:10: it is bad: --origins=good --origins=bad", "it is bad: --listen bad",
                "it is bad: --wrong=bad", "it is bad: -bad",
            ]
        )
        #expect(settings.problems.map(\.isUsage) == [false, false, true, true, true])
        // The defaults are not to blame.
        settings.report("no such address", "listen")
        #expect(settings.problems.count == 5)
        #expect(settings.listing().contains("listen: bad"))
        #expect(settings.listing().contains("auto-map: \"yes\"") || settings.listing().contains("auto-map: yes"))
    }

    @Test
    func whatIsGoodByItselfMayNotBeInCompany() throws {
        var settings = try effective(["--listen", "a", "--workers", "3"])
        #expect(throws: Fault.self) {
            try settings.resolve(
                parse: { if $0.count > 2 { throw Fault(description: "too much") } },
                fault: { "\($0)" },
                texts: { [:] }
            )
        }
        #expect(settings.problems.isEmpty)
    }

    @Test(arguments: [
        ("workers: 010", "--workers must be a whole number, not \"010\""),
        ("workers: 2.5", "--workers must be a whole number, not \"2.5\""),
        ("deadline: 0x10", "--deadline must be a number such as 10 or 2.5, not \"0x10\""),
        ("deadline: 1e3", "--deadline must be a number such as 10 or 2.5, not \"1e3\""),
        ("auto-map: yes", "--auto-map is true or false, not \"yes\""),
        ("origins: []", "--origins must have a value; here is meant where it is not given"),
    ])
    func formsAreTheSameInAllLayers(text: String, message: String) throws {
        let file = try effective(file: text)
        let name = text.prefix { $0 != ":" }
        #expect(file.problems.map(\.description) == ["f:1:\(name.utf8.count + 3): \(message)"])
        guard let value = text.split(separator: " ").last, value != "[]" else { return }
        let variable = "MLTRAINING_GATEWAY_\(name.uppercased().replacing("-", with: "_"))"
        let environment = try effective([], [variable: String(value)])
        #expect(environment.problems.map(\.description) == ["\(variable): \(message)"])
        guard value != "yes" else { return }
        let commandLine = try effective(["--\(name)", String(value)])
        #expect(commandLine.problems.map(\.description) == [message])
        #expect(commandLine.problems.map(\.isUsage) == [true])
    }

    @Test
    func anEmptyListIsTheSameAsNoneWhereThatIsTheDefault() throws {
        var settings = try effective([], ["MLTRAINING_GATEWAY_UPSTREAM": ""])
        #expect(try resolve(&settings) == [[]])
        #expect(settings.problems.isEmpty)
        #expect(try effective([], ["MLTRAINING_GATEWAY_ORIGINS": ""]).problems.count == 1)
    }

    @Test
    func listsHaveAnEnd() throws {
        func list(_ count: Int) -> String { "upstream: [\(String(repeating: "a, ", count: count))]" }
        #expect(try effective(file: list(1000)).problems.isEmpty)
        var settings = try effective(file: list(80_000))
        let expected = "f:1:11: --upstream has 80000 values, and may have 1000"
        #expect(settings.problems.map(\.description) == [expected])
        #expect(try resolve(&settings) == [[]])
    }

    @Test
    func whatCannotChangeIsKept() throws {
        let texts: ([String]) -> [String: [String]] = { arguments in
            var texts = ["listen": ["127.0.0.1:8080"], "deadline": ["15"]]
            for argument in arguments {
                let parts = argument.dropFirst(2).split(separator: "=").map(String.init)
                texts[parts[0]] = [parts[1]]
            }
            return texts
        }
        func resolved(_ file: String) throws -> EffectiveSettings {
            var settings = try effective(file: file)
            _ = try settings.resolve(parse: { $0 }, fault: { "\($0)" }, texts: texts)
            return settings
        }
        let running = try resolved("workers: 1\nupstream: a")
        // What is written out as it was by default has not changed.
        var same = try resolved("listen: 127.0.0.1:8080\nworkers: 1\nupstream: b")
        #expect(same.keep(["listen", "workers"], presenceOf: ["upstream"], of: running) == [])
        var other = try resolved("listen: l\ndeadline: 2")
        let changed = other.keep(["listen", "workers"], presenceOf: ["upstream", "origins"], of: running)
        #expect(changed == ["listen", "upstream", "workers"])
        _ = try other.resolve(parse: { $0 }, fault: { "\($0)" }, texts: texts)
        let values = other.entries.map { $0.values ?? [] }
        #expect(values == [["127.0.0.1:8080"], ["a"], ["1"], [], ["2"], []])
        var more = try resolved("workers: 1\nupstream: a\norigins: o")
        #expect(more.keep(["workers"], presenceOf: ["origins"], of: running) == ["origins"])
    }

    @Test
    func aNumberOutOfItsRangeIsToldWithItsPlace() throws {
        var settings = try effective(["--listen", "x"], file: "workers: 5")
        settings.expect("workers", 5, in: 1...5)
        settings.expect("workers", nil as Int?, in: 1...5)
        settings.expect("workers", 0.5, in: 0.25...1)
        #expect(settings.problems.isEmpty)
        settings.expect("workers", 5, in: 1...4)
        settings.expect("listen", .nan, in: 0.5...86_400.0)
        #expect(
            settings.problems.map(\.description) == [
                "f:1:10: --workers must be from 1 to 4", "--listen must be from 0.5 to 86400",
            ]
        )
        #expect(settings.problems.map(\.isUsage) == [false, true])
    }

    @Test
    func aProblemOfSeveralSettingsHasAllTheirPlaces() throws {
        let variables = ["MLTRAINING_GATEWAY_LISTEN": "x"]
        var settings = try effective(["--upstream", "u"], variables, file: "workers: 5")
        settings.report("they contradict each other", "workers", "upstream", "listen")
        settings.report("they contradict each other", "upstream", "upstream")
        #expect(
            settings.problems.map(\.description) == [
                "f:1:10, command line, MLTRAINING_GATEWAY_LISTEN: they contradict each other",
                "they contradict each other",
            ]
        )
        #expect(settings.problems.map(\.isUsage) == [false, true])
    }

    @Test
    func aProblemOfSeveralSettingsTellsDefaults() throws {
        var settings = try effective(["--upstream", "u"], file: "workers: 5")
        settings.report("--workers is above --deadline", "workers", "deadline")
        settings.report("they come together", "listen", "auto-map", "upstream")
        settings.report("they come together", "workers", "origins")
        _ = try settings.resolve(parse: { _ in }, fault: { "\($0)" }, texts: { ["deadline": ["7"]] })
        settings.report("they come together", "listen", "deadline")
        #expect(
            settings.problems.map(\.description) == [
                "f:1:10: --workers is above --deadline; --deadline is 15 by default",
                "they come together; --listen is 127.0.0.1:8080 by default; --auto-map is false by default",
                "f:1:10: they come together; --origins is here by default",
                "they come together; --listen is not given; --deadline is 7 by default",
            ]
        )
        #expect(settings.problems.map(\.isUsage) == [false, true, false, true])
    }

    @Test
    func whatAValueIsNotAndWhatAFileHoldsIsTold() throws {
        var settings = try effective(["--listen", "x"], file: "workers: 5")
        let number = settings.parse("workers") { 5 }
        #expect(number == 5)
        let none: Int? = settings.parse("listen") { throw Fault(description: "no address") }
        #expect(none == nil)
        let unread: Int? = settings.load("listen", "workers") { throw Fault(description: "no such file") }
        #expect(unread == nil)
        #expect(settings.problems.map(\.description) == ["--listen: no address", "f:1:10: no such file"])
        // A file that is missing is no fault of the command line's form.
        #expect(settings.problems.map(\.isUsage) == [true, false])
    }

    @Test
    func theListingIsAConfigurationFile() throws {
        let hostile = "a \"b\" \\ #: é\u{7}"
        let texts = [
            "listen": [hostile], "upstream": ["", "http://h:1/", "null-ish", "null"], "auto-map": ["true"],
            "deadline": ["2.5"], "origins": ["http://u:secret@h"],
        ]
        var settings = try effective(
            ["--listen", hostile, "--auto-map"],
            file: "upstream: [\"\", http://h:1/, null-ish, \"null\"]"
        )
        _ = try resolve(&settings, texts: texts)
        let listing = settings.listing()
        let lines = listing.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(
            lines == [
                "listen: \"a \\\"b\\\" \\\\ #: é\\U00000007\" # command line",
                "upstream: [\"\", http://h:1/, null-ish, \"null\"] # f:1:11", "# workers: # not set",
                "auto-map: true # command line", "deadline: 2.5 # default", "origins: [http://REDACTED@h] # default",
            ]
        )
        var again = try effective(file: listing)
        #expect(again.problems.isEmpty)
        let expected = ["--listen=\(hostile)", "--upstream", "", "--upstream=http://h:1/", "--upstream=null-ish"]
        let rest = ["--upstream=null", "--auto-map", "--deadline=2.5", "--origins=http://REDACTED@h"]
        #expect(try resolve(&again) == [expected + rest])
    }

    @Test
    func theListingLeavesOutWhatAFileCannotHave() throws {
        let listing = try effective().listing(excluding: ["listen", "upstream", "workers", "origins"])
        #expect(listing == "auto-map: false  # default\ndeadline: 15     # default\n")
    }
}
