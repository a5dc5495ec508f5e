import Foundation
import GatewayTesting
import Testing

/// `serve` and `check` with options from the command line, the environment and a file.
@Suite
struct ConfigurationTests {
    private let process: ConfiguredProcess

    init() throws { process = try ConfiguredProcess() }

    // MARK: Precedence

    @Test
    func theCommandLineWinsOverTheEnvironmentAndThatOverTheFile() throws {
        let file = try process.write(
            "workers: 1\ndeadline: 1.5\nmax-deadline: 20\nupstream: [http://a:1, http://b:2]\n"
        )
        let result = try process.run(
            ["check", "--config", file, "--max-deadline", "40", "--workers=3"],
            environment: ["WORKERS": "2", "DEADLINE": "2.5", "ADMIN_LISTEN": "off"]
        )
        #expect(result.exit == .code(0))
        #expect(result.error.isEmpty)
        for (name, value, origin) in [
            ("workers", "3", "command line"), ("deadline", "2.5", "MLTRAINING_GATEWAY_DEADLINE"),
            ("max-deadline", "40", "command line"), ("admin-listen", "off", "MLTRAINING_GATEWAY_ADMIN_LISTEN"),
            ("upstream", "[http://a:1, http://b:2]", "\(file):4:11"), ("listen", "127.0.0.1:8080", "default"),
        ] {
            let setting = try #require(result.setting(name), "\(name)")
            #expect(setting.value == value)
            #expect(setting.origin == origin)
        }
    }

    @Test
    func flagsCanBeTurnedOffByEachLayer() throws {
        let file = try process.write("auto-map: true\njson-omit-defaults: true\njson-original-names: true\n")
        let result = try process.run(
            ["check", "--no-auto-map"],
            environment: ["CONFIG": file, "JSON_OMIT_DEFAULTS": "false"]
        )
        #expect(result.exit == .code(0))
        #expect(result.setting("auto-map")?.value == "false")
        #expect(result.setting("json-omit-defaults")?.value == "false")
        #expect(result.setting("json-original-names")?.value == "true")
    }

    @Test
    func listsInTheEnvironmentAreSeparatedByCommas() throws {
        let result = try process.run(["check"], environment: ["UPSTREAM": "http://a:1, unix:/b"])
        #expect(result.setting("upstream")?.value == "[http://a:1, unix:/b]")
        let none = try process.run(["check"], environment: ["UPSTREAM": "", "UPSTREAM_HEALTH_CHECK": ""])
        #expect(none.exit == .code(0))
        #expect(none.setting("upstream")?.value == "[]")
        #expect(none.setting("upstream-health-check")?.value == "\"\"")
    }

    @Test(arguments: [false, true])
    func theGatewayIsServedAsConfigured(isJSON: Bool) throws {
        let upstream = try ScriptedUpstream()
        upstream.on(MLTraining.getJob) { .answer(MLTraining.job(id: MLTraining.id(in: $0))) }
        let yaml = """
            # Of a test.
            listen: 127.0.0.1:0
            admin-listen: "off"
            upstream:
              - http://\(upstream.address)
            workers: 1
            json-omit-defaults: true
            json-original-names: true
            json-indent: 4
            """
        let json = """
            {"listen": "127.0.0.1:0", "admin-listen": "off", "upstream": "http://\(upstream.address)", "workers": 1,
             "json-omit-defaults": true, "json-original-names": true, "json-indent": 4}
            """
        let file = try process.write(isJSON ? json : yaml)
        let gateway = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            ["serve", "--config", file],
            environment: ["MLTRAINING_GATEWAY_JSON_INDENT": "0", "MLTRAINING_GATEWAY_PORT": "tcp://10.0.0.1:80"]
        )
        let address = try gateway.waitForLine(prefix: "mltraining-gateway listening on ")
        let answer = try Answer(RawHTTPClient(address: address).get("/v1/jobs/j"))
        #expect(answer.json == ["id": "j"])
        #expect(try gateway.terminate() == .code(0))
        upstream.stop()
    }

    // MARK: Problems

    @Test
    func everyProblemIsToldInOneRun() throws {
        let file = try process.write(
            """
            wrokers: 3
            json-indent: 99
            auto-map: maybe
            deadline: soon
            listen:
            max-body-bytes: [1]
            viam-auth: service-key
            http-rules: /no/rules.yaml
            upstream: [http://h:1, nonsense]
            """
        )
        let expected = [
            "MLTRAINING_GATEWAY_WORKRES: there is no such setting; did you mean \"MLTRAINING_GATEWAY_WORKERS\"?",
            "\(file):1:1: there is no setting \"wrokers\"; did you mean \"workers\"?",
            "\(file):5:8: listen has no value; without the key it has its default",
            "\(file):6:17: max-body-bytes: expected one value, found a list",
            "\(file):3:11: --auto-map is true or false, not \"maybe\"",
            "\(file):4:11: The value 'soon' is invalid for '--deadline <seconds>'",
            "--workers must be from 1 to 1024",
            "MLTRAINING_GATEWAY_MAX_DEADLINE: --max-deadline must be from 0.001 to 86400",
            "\(file):2:14: --json-indent must be from 0 to 8",
            "/no/rules.yaml: No such file or directory", "service-key needs VIAM_API_KEY_ID in",
            "service-key needs VIAM_API_KEY in",
            "\(file):9:11: --upstream: ",
        ]
        for command in ["check", "serve"] {
            let result = try process.run(
                [command, "--config", file, "--workers=0"],
                environment: ["WORKRES": "1", "MAX_DEADLINE": "0"]
            )
            #expect(result.exit == .code(command == "check" ? 1 : 64))
            #expect(result.output.isEmpty == (command == "serve"))
            let problems = result.error.filter { $0.hasPrefix("Error: ") }
            for line in expected {
                #expect(problems.count { $0.contains(line) } == 1, "\(line) of \(problems)")
            }
            #expect(problems.count == expected.count, "\(problems)")
        }
    }

    @Test(arguments: [
        ("workers: 0", [:], "gateway.yaml:1:10: --workers must be from 1 to 1024"),
        ("workers: 2.5", [:], "gateway.yaml:1:10: The value '2.5' is invalid for '--workers <count>'"),
        ("workers: ''", [:], "gateway.yaml:1:10: The value '' is invalid for '--workers <count>'"),
        ("", ["WORKERS": "many"], "MLTRAINING_GATEWAY_WORKERS: The value 'many' is invalid for '--workers <count>'"),
        ("", ["WORKERS": ""], "MLTRAINING_GATEWAY_WORKERS: The value '' is invalid for '--workers <count>'"),
        ("", ["AUTO_MAP": "1"], "MLTRAINING_GATEWAY_AUTO_MAP: --auto-map is true or false, not \"1\""),
        ("viam-auth: none", [:], "gateway.yaml:1:12: The value 'none' is invalid for '--viam-auth <mode>'"),
        ("deadline: .nan", [:], "gateway.yaml:1:11: "),
        ("max-body-bytes: 9223372036854775808", [:], "gateway.yaml:1:17: "),
        (
            "deadline: 9", ["MAX_DEADLINE": "8"],
            "gateway.yaml:1:11, MLTRAINING_GATEWAY_MAX_DEADLINE: --deadline must not be"
        ),
        ("listen: nowhere:80", [:], "gateway.yaml:1:9: --listen: "),
        ("- a", [:], "gateway.yaml:1:1: expected a mapping"),
        ("workers: 1\nworkers: 2", [:], "gateway.yaml:1:1: the key \"workers\" occurs twice"),
        ("workers: [", [:], "gateway.yaml:2:1: not valid YAML: "),
        ("config: x", [:], "gateway.yaml:1:1: there is no setting"),
        ("descriptor-set: /no/set", [:], "gateway.yaml:1:17: /no/set: No such file or directory"),
        ("upstream-ca: /no/ca", ["UPSTREAM": "https://h"], "gateway.yaml:1:14: no TLS to https://h: "),
        ("upstream-ca: /no/ca", [:], "gateway.yaml:1:14: --upstream-ca is for an https:// upstream, not http://127"),
        ("upstream-cert: c", ["UPSTREAM": "https://h"], "gateway.yaml:1:16: --upstream-cert and --upstream-key come"),
    ])
    func aProblemNamesWhereItComesFrom(text: String, environment: [String: String], message: String) throws {
        let file = try process.write(text)
        let listen = text.hasPrefix("listen") ? [] : ["--listen", "127.0.0.1:0"]
        let result = try process.run(["check", "--config", file] + listen, environment: environment)
        #expect(result.exit == .code(1))
        let lines = result.error.map { $0.replacingOccurrences(of: process.folder.path + "/", with: "") }
        #expect(lines.first?.hasPrefix("Error: \(message)") == true, "\(lines)")
        // What comes of a certificate without a key is told as well.
        #expect(lines.count == (text.hasPrefix("upstream-cert") ? 2 : 1), "\(lines)")
    }

    @Test
    func aFileThatCannotBeReadIsToldWithWhoNamedIt() throws {
        let flag = try process.run(["check", "--config", "/no/gateway.yaml"])
        #expect(flag.exit == .code(1))
        #expect(flag.error == ["Error: /no/gateway.yaml: No such file or directory"])
        let variable = try process.run(["serve"], environment: ["CONFIG": "/dev/zero"])
        #expect(variable.exit == .code(1))
        #expect(variable.error == ["Error: MLTRAINING_GATEWAY_CONFIG: /dev/zero: larger than 1048576 bytes"])
        let empty = try process.run(["serve"], environment: ["CONFIG": ""])
        #expect(empty.error == ["Error: MLTRAINING_GATEWAY_CONFIG: --config names no file"])
    }

    @Test
    func aWrongCommandLineIs64WhateverElseIsWrong() throws {
        let file = try process.write("deadline: 0")
        let result = try process.run(["serve", "--config", file, "--workers", "0", "--json-indent", "9"])
        #expect(result.exit == .code(64))
        #expect(
            result.error == [
                "Error: --workers must be from 1 to 1024",
                "Error: \(file):1:11: --deadline must be from 0.001 to 86400",
                "Error: --json-indent must be from 0 to 8",
                "  See 'mltraining-gateway serve --help' for more information.",
            ]
        )
        let unknown = try process.run(["check", "--no-such-flag"])
        #expect(unknown.exit == .code(64))
    }

    // MARK: check

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
    func everyOptionIsASettingAndEveryFlagCanBeTurnedOff() throws {
        let help = try process.run(["serve", "--help"]).output.joined(separator: "\n")
        let names = help.matches(of: /\n  (?:-h, )?--([a-z-]+)/).map { String($0.output.1) }
        #expect(names.count > 30)
        let listing = try process.run(["check"]).output
        for name in names where !["config", "help", "version"].contains(name) {
            let line = try #require(
                listing.first { $0.hasPrefix("\(name): ") || $0.hasPrefix("# \(name): ") },
                "\(name) is no setting"
            )
            guard line.hasPrefix("\(name): false") else { continue }
            #expect(help.contains("--\(name)/--no-\(name)"))
        }
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

    // MARK: The rest of the command line

    @Test
    func tellsItsVersion() throws {
        let result = try process.run(["--version"])
        #expect(result.exit == .code(0))
        #expect(result.output.count == 1)
        #expect(result.output.first?.wholeMatch(of: /mltraining-gateway \d+\.\d+\.\d+/) != nil, "\(result.output)")
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completionsAreMadeForEachShell(shell: String) throws {
        let result = try process.run(["--generate-completion-script", shell])
        #expect(result.exit == .code(0))
        let script = result.output.joined(separator: "\n")
        for word in ["check", "max-body-bytes", "no-auto-map", "service-key", "yaml"] {
            #expect(script.contains(word), "\(word)")
        }
        guard shell == "bash" else { return }
        let path = try process.write(script, to: "completions")
        let bash = try ChildProcess("/bin/bash", ["-n", path])
        #expect(try bash.waitForExit() == .code(0))
        #expect(bash.lines(.error).isEmpty)
    }

    @Test
    func bashCompletesFlagsAndModes() throws {
        let script = try process.run(["--generate-completion-script", "bash"]).output.joined(separator: "\n")
        let path = try process.write(
            script + """

                complete_words() {
                    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMPREPLY=()
                    _mltraining-gateway "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                    echo "${COMPREPLY[@]}"
                }
                complete_words mltraining-gateway ch
                complete_words mltraining-gateway serve --max-b
                complete_words mltraining-gateway check --viam-auth s

                """,
            to: "completions"
        )
        let bash = try ChildProcess("/bin/bash", [path])
        #expect(try bash.waitForExit() == .code(0))
        let lines = bash.lines(.output).map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(lines == ["check", "--max-body-bytes", "service-key"], "\(bash.transcript)")
    }
}
