import Foundation
import GatewayTesting
import Testing

/// The version, and what completes the command line in shells.
@Suite
struct CompletionTests {
    private let process: ConfiguredProcess

    init() throws { process = try ConfiguredProcess() }

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
