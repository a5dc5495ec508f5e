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
        let none = try process.run(["check"], environment: ["CORS_ORIGIN": "", "UPSTREAM_HEALTH_CHECK": ""])
        #expect(none.exit == .code(0))
        #expect(none.setting("cors-origin")?.value == "[]")
        #expect(none.setting("upstream-health-check")?.value == "\"\"")
    }

    /// A blank variable in a deployment must not send calls, and their tokens, to where nobody meant them to go.
    @Test
    func anEmptyListOfUpstreamsIsNotTheDefault() throws {
        let file = try process.write("upstream: []")
        let message = "--upstream must have a value; http://127.0.0.1:50051 is meant where it is not given"
        for command in ["check", "serve"] {
            let inFile = try process.run([command, "--config", file])
            #expect(inFile.exit == .code(1))
            #expect(inFile.error == ["Error: \(file):1:11: \(message)"])
            let blank = try process.run([command], environment: ["UPSTREAM": ""])
            #expect(blank.exit == .code(1))
            #expect(blank.error == ["Error: MLTRAINING_GATEWAY_UPSTREAM: \(message)"])
        }
    }

    /// One that is on by default can be turned off by each layer, and ``check`` says what is served.
    @Test(arguments: [
        ("", [:], [], true), ("compression: false", [:], [], false), ("compression: true", [:], [], true),
        ("", ["COMPRESSION": "false"], [], false), ("", [:], ["--no-compression"], false),
        ("compression: false", ["COMPRESSION": "true"], [], true),
        ("compression: true", ["COMPRESSION": "true"], ["--no-compression"], false),
        ("compression: false", ["COMPRESSION": "false"], ["--compression"], true),
    ])
    func flagsCountInTheGatewayAsInCheck(
        text: String,
        environment: [String: String],
        arguments: [String],
        compresses: Bool
    ) throws {
        let upstream = try ScriptedUpstream()
        upstream.on(MLTraining.getJob) { _ in .answer(MLTraining.job(id: String(repeating: "j", count: 4000))) }
        let file = try process.write("upstream: http://\(upstream.address)\n\(text)\n")
        let all = ["--config", file, "--listen", "127.0.0.1:0", "--admin-listen", "off", "--workers", "1"] + arguments
        let check = try process.run(["check"] + all, environment: environment)
        #expect(check.setting("compression")?.value == "\(compresses)")
        let variables = environment.map { ("MLTRAINING_GATEWAY_\($0)", $1) }
        let gateway = try GatewayProcess(serving: all, environment: Dictionary(uniqueKeysWithValues: variables))
        let answer = try gateway.client().get("/v1/jobs/j", headers: ["Accept-Encoding": "gzip"])
        #expect(answer["content-encoding"] == (compresses ? "gzip" : nil))
        #expect(try gateway.stop() == .code(0))
        upstream.stop()
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
            "\(file):4:11: --deadline must be a number such as 10 or 2.5, not \"soon\"",
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
        ("workers: 2.5", [:], "gateway.yaml:1:10: --workers must be a whole number, not \"2.5\""),
        ("workers: ''", [:], "gateway.yaml:1:10: --workers must be a whole number, not \"\""),
        ("", ["WORKERS": "many"], "MLTRAINING_GATEWAY_WORKERS: --workers must be a whole number, not \"many\""),
        ("", ["WORKERS": ""], "MLTRAINING_GATEWAY_WORKERS: --workers must be a whole number, not \"\""),
        ("", ["AUTO_MAP": "1"], "MLTRAINING_GATEWAY_AUTO_MAP: --auto-map is true or false, not \"1\""),
        ("viam-auth: none", [:], "gateway.yaml:1:12: The value 'none' is invalid for '--viam-auth <mode>'"),
        ("deadline: .nan", [:], "gateway.yaml:1:11: "),
        ("deadline: 0x10", [:], "gateway.yaml:1:11: --deadline must be"),
        ("max-body-bytes: 010", [:], "gateway.yaml:1:17: --max-body-bytes must be a whole number, not \"010\""),
        ("max-body-bytes: 9223372036854775808", [:], "gateway.yaml:1:17: The value '9223372036854775808' is invalid"),
        (
            "deadline: 9", ["MAX_DEADLINE": "8"],
            "gateway.yaml:1:11, MLTRAINING_GATEWAY_MAX_DEADLINE: --deadline must not be"
        ),
        (
            "deadline: 400", [:],
            "gateway.yaml:1:11: --deadline must not be above --max-deadline; --max-deadline is 300 by default"
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
    }

    @Test
    func argumentsThatDoNotParseAreToldWithAllElse() throws {
        let file = try process.write("wrokers: 3\ndeadline: 0x10")
        let wrong = [
            "extra", "--worker", "3", "--json-indent", "x", "--max-body-bytes", "-1", "--config", file, "--viam-auth",
            "none",
        ]
        let expected = [
            "\(file):1:1: there is no setting \"wrokers\"; did you mean \"workers\"?",
            "\(file):2:11: --deadline must be a number such as 10 or 2.5, not \"0x10\"",
            "--json-indent must be a whole number, not \"x\"", "Unexpected argument 'extra'",
            "Unknown option '--worker'. Did you mean '--workers'?", "Missing value for '--max-body-bytes <bytes>'",
            "The value 'none' is invalid for '--viam-auth <mode>'", "--max-deadline must be from 0.001 to 86400",
        ]
        for (command, code) in [("check", Int32(1)), ("serve", 64)] {
            let result = try process.run([command] + wrong, environment: ["MAX_DEADLINE": "0"])
            #expect(result.exit == .code(code))
            #expect(result.output.isEmpty == (command == "serve"))
            #expect(result.error.count == expected.count + 1, "\(result.error)")
            for line in expected {
                #expect(result.error.count { $0.hasPrefix("Error: ") && $0.contains(line) } == 1, "\(line)")
            }
            #expect(result.error.last == "  See 'mltraining-gateway \(command) --help' for more information.")
            guard command == "check" else { continue }
            #expect(result.setting("json-indent")?.value == "x")
            #expect(result.setting("max-deadline")?.value == "0")
        }
    }

    @Test(arguments: [
        ["extra"], ["--worker", "3"], ["--", "--workers", "3"], ["--workers", "x"], ["--workers", "0"],
    ])
    func checkHasOneExitCodeAndOneHelp(arguments: [String]) throws {
        let result = try process.run(["check"] + arguments)
        #expect(result.exit == .code(1))
        #expect(result.error.count == 2, "\(result.error)")
        #expect(result.error.last == "  See 'mltraining-gateway check --help' for more information.")
        #expect(result.setting("deadline")?.value == "15")
    }

    @Test
    func helpIsThatOfTheCommand() throws {
        for arguments in [["check", "--help"], ["help", "check"], ["check", "--workers", "x", "--help"]] {
            let result = try process.run(arguments)
            #expect(result.exit == .code(0))
            #expect(result.output.first?.hasPrefix("OVERVIEW: Says what serve would do") == true, "\(arguments)")
            #expect(result.output.contains("USAGE: mltraining-gateway check <options>"))
        }
        #expect(try process.run(["serve", "--help"]).output.contains("USAGE: mltraining-gateway serve <options>"))
    }

    @Test
    func passwordsInURLsAreNotRepeated() throws {
        let file = try process.write("upstream: http://user:secretpw@host:1\ncors-origin: https://u:secretpw@host")
        for arguments in [
            ["--config", file], ["--upstream", "http://user:secretpw@host:1"], ["--upstream=https://a:secretpw/@h"],
            ["http://user:secretpw@host:1"], ["--no-such=http://user:secretpw@host:1"],
            ["--auto-map=http://user:secretpw@host:1"], ["--workers", "http://user:secretpw@host:1"],
        ] {
            for command in ["check", "serve"] {
                let result = try process.run([command] + arguments)
                #expect(result.exit != .code(0))
                #expect(!result.error.isEmpty)
                #expect(!(result.output + result.error).contains { $0.contains("secretpw") }, "\(result.error)")
            }
        }
    }

    @Test
    func hugeFilesAreRefusedSoon() throws {
        let upstreams = try process.write("upstream: [\(String(repeating: "http://a:1,", count: 80_000))]")
        let many = try process.run(["check", "--config", upstreams])
        #expect(many.error == ["Error: \(upstreams):1:11: --upstream has 80000 values, and may have 1000"])
        let keys = try process.write((0..<80_000).map { "k\($0): 1" }.joined(separator: "\n"))
        let unknown = try process.run(["serve", "--config", keys])
        #expect(unknown.exit == .code(1))
        #expect(unknown.error.count == 101)
        #expect(unknown.error.last == "Error: \(keys): there are 79900 more problems")
    }
}
