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

    @Test
    func lowerLayersBecomeArguments() throws {
        let settings = try effective(
            ["--workers", "3"],
            ["MLTRAINING_GATEWAY_AUTO_MAP": "true"],
            file: "upstream: [a, b]\nworkers: 1\nauto-map: false"
        )
        #expect(settings.arguments == ["--upstream=a", "--upstream=b", "--auto-map"])
    }

    @Test
    func entriesHaveValuesAndWhereTheyComeFrom() throws {
        let settings = try effective(
            ["--workers", "3"],
            ["MLTRAINING_GATEWAY_AUTO_MAP": "true"],
            file: "upstream: [a, b]"
        )
        let entries = Dictionary(uniqueKeysWithValues: settings.entries.map { ($0.setting.name, $0) })
        #expect(entries["workers"]?.values == ["3"])
        #expect(entries["workers"]?.origin == .commandLine)
        #expect(entries["auto-map"]?.origin == .variable("MLTRAINING_GATEWAY_AUTO_MAP"))
        #expect(entries["upstream"]?.values == ["a", "b"])
        #expect(entries["upstream"]?.origin?.description.hasPrefix("f:1:") == true)
        #expect(settings.entries.count == settings.settings.count)
    }

    @Test
    func whatCannotChangeIsKept() throws {
        let running = try effective(["--listen", "a"], file: "workers: 1\nupstream: [x]")
        var new = try effective(["--listen", "a"], file: "upstream: [y]\nauto-map: true")
        #expect(new.keep(["listen", "workers", "auto-map"], of: running) == ["workers", "auto-map"])
        #expect(new.arguments == ["--upstream=y", "--workers=1"])
        // Where else the same value comes from is no change.
        var moved = try effective(["--listen", "a"], file: "auto-map: false\n\nupstream: [x]\nworkers: 1")
        #expect(moved.keep(["listen", "workers", "upstream"], of: running) == [])
        #expect(moved.problems.isEmpty)
    }

    @Test
    func refusedValuesAreToldAndLeftOut() throws {
        var settings = try effective(
            ["--listen", "bad"],
            ["MLTRAINING_GATEWAY_AUTO_MAP": "yes"],
            file: "workers: bad\nupstream: good"
        )
        settings.refuseValues { arguments in arguments.first?.hasSuffix("=bad") == true ? "it is bad" : nil }
        #expect(
            settings.problems.map(\.description) == [
                "f:1:10: it is bad", "MLTRAINING_GATEWAY_AUTO_MAP: --auto-map is true or false, not \"yes\"",
            ]
        )
        #expect(settings.arguments == ["--upstream=good"])
        // The default is not to blame.
        settings.expect("workers", 0, in: 1...2)
        #expect(settings.problems.count == 2)
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
        let expected = "f:1:10, MLTRAINING_GATEWAY_LISTEN: they contradict each other"
        #expect(settings.problems.map(\.description) == [expected])
        #expect(settings.problems.first?.isUsage == false)
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
        let settings = try effective(
            ["--listen", hostile, "--auto-map"],
            file: "upstream: [\"\", http://h:1/, null-ish, \"null\"]"
        )
        let listing = settings.listing()
        let lines = listing.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(
            lines == [
                "listen: \"a \\\"b\\\" \\\\ #: é\\U00000007\" # command line",
                "upstream: [\"\", http://h:1/, null-ish, \"null\"] # f:1:11", "# workers: # not set",
                "auto-map: true # command line",
            ]
        )
        let again = try effective(file: listing)
        #expect(again.problems.isEmpty)
        let expected = ["--listen=\(hostile)", "--upstream", "", "--upstream=http://h:1/", "--upstream=null-ish"]
        #expect(again.arguments == expected + ["--upstream=null", "--auto-map"])
    }

    @Test
    func theListingLeavesOutWhatAFileCannotHave() throws {
        let listing = try effective().listing(excluding: ["listen", "upstream", "workers"])
        #expect(listing == "auto-map: false  # default\n")
    }
}
