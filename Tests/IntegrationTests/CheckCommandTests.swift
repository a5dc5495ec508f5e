import Foundation
import GatewayTesting
import Testing

/// What `check` reads and prints.
@Suite
struct CheckCommandTests {
    private let process: ConfiguredProcess

    init() throws { process = try ConfiguredProcess() }

    @Test
    func whatCheckPrintsIsAConfigurationFile() throws {
        let arguments = [
            "--upstream", "http://a:1", "--upstream", "unix:/b c", "--upstream-health-check", "", "--auto-map",
        ]
        let first = try process.run(["check"] + arguments)
        #expect(first.exit == .code(0))
        let file = try process.write(first.output.joined(separator: "\n"))
        let second = try process.run(["check", "--config", file])
        #expect(second.error.isEmpty)
        #expect(second.exit == .code(0))
        func values(_ result: ConfiguredProcess.Result) -> [String] {
            result.output.map { $0.split(separator: "  #")[0].trimmingCharacters(in: .whitespaces) }
        }
        #expect(values(first) == values(second))
        #expect(values(second).contains("upstream: [http://a:1, \"unix:/b c\"]"))
        #expect(values(second).contains("upstream-health-check: \"\""))
    }

    @Test
    func everyOptionIsASettingWithItsDefaultAndEveryFlagCanBeTurnedOff() throws {
        let help = try process.run(["serve", "--help"]).output.joined(separator: "\n")
        // As far as the next option.
        let texts = help.matches(of: /\n  (?:-h, )?--([a-z-]+)((?:.|\n(?!  -))*)/)
        #expect(texts.count > 30)
        let listing = try process.run(["check"])
        var (settings, defaults) = (0, 0)
        for match in texts {
            let name = String(match.output.1)
            guard !["config", "help", "version"].contains(name) else { continue }
            settings += 1
            #expect(
                listing.output.contains { $0.hasPrefix("\(name): ") || $0.hasPrefix("# \(name): ") },
                "\(name) is no setting"
            )
            let value = listing.setting(name)?.value
            if value == "true" || value == "false" { #expect(help.contains("--\(name)/--no-\(name)")) }
            // Those that the help only describes have none that the argument parser knows.
            let words = match.output.2.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            guard let told = words.firstMatch(of: /\((?:values: [^;]*; )?default: ([^ )]+)\)/)?.output.1 else {
                continue
            }
            let expected = told == "--\(name)" ? "true" : told == "--no-\(name)" ? "false" : String(told)
            let shown = value.map { $0.hasPrefix("[") ? String($0.dropFirst().dropLast()) : $0 }
            if let number = Double(expected) {
                #expect(shown.flatMap(Double.init) == number, "\(name)")
            } else {
                #expect(shown == expected, "\(name)")
            }
            defaults += 1
        }
        #expect(defaults > 25)
        #expect(listing.output.count == settings)
    }

    @Test
    func checkReadsTheFilesThatOptionsName() throws {
        let rules = try process.write(
            "type: google.api.Service\nhttp: {rules: [{selector: x.Y.Z, get: /x}]}",
            to: "rules"
        )
        let tokens = try process.write("two words\n", to: "tokens")
        let key = try process.write("secret-of-the-key\n", to: "key")
        let result = try process.run([
            "check", "--http-rules", rules, "--viam-auth", "service-key", "--client-tokens", tokens,
            "--viam-api-key-file", key, "--viam-api-key-id-file", "/no/id",
        ])
        #expect(result.exit == .code(1))
        #expect(result.error.contains { $0.contains("\(rules):2:") && $0.contains("x.Y.Z") }, "\(result.error)")
        #expect(result.error.contains("Error: /no/id: No such file or directory"))
        #expect(result.error.contains { $0.contains("\(tokens):1") }, "\(result.error)")
        #expect(!(result.output + result.error).contains { $0.contains("secret-of-the-key") })
        #expect(result.setting("viam-api-key-file")?.value == key)
    }

    @Test
    func checkDoesNotListen() throws {
        let taken = try ScriptedUpstream()
        let result = try process.run(["check", "--listen", taken.address, "--upstream", "http://\(taken.address)"])
        #expect(result.exit == .code(0))
        #expect(taken.requests.isEmpty)
        taken.stop()
    }
}
