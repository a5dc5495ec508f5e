import GatewayTesting
import Glibc

/// Programs that read OpenAPI documents, in the Python environment of the tests.
enum PythonScripts {
    /// What a program said, and how it ended.
    struct Result {
        let exit: ChildProcess.Exit
        let output: String
        let errors: String
    }

    private static let root = #filePath.replacing("/Tests/IntegrationTests/OpenAPI/PythonScripts.swift", with: "")
    static let python = root + "/.venv-tests/bin/python"

    /// Whether `make test-venv` has made an environment that has them.
    static let isInstalled: Bool = {
        guard access(python, X_OK) == 0,
            let probe = try? run(python, ["-c", "import schemathesis, openapi_spec_validator, jsonschema, yaml"])
        else { return false }
        return probe.exit == .code(0)
    }()

    /// Runs a program to its end, which may take some minutes on a busy machine.
    static func run(
        _ program: String,
        _ arguments: [String],
        environment: [String: String] = [:]
    ) throws -> Result {
        let process = try ChildProcess(program, arguments, environment: environment)
        process.closeInput()
        let exit = try process.waitForExit(timeout: .seconds(600))
        func text(_ stream: ChildProcess.Stream) -> String {
            process.lines(stream).map { $0 + "\n" }.joined()
        }
        return Result(exit: exit, output: text(.output), errors: text(.error))
    }
}
