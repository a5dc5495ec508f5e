import GatewayTesting
import Testing

/// What `mltraining-gateway openapi` prints, and what others make of it.
struct OpenAPICommandTests {
    private static let root = #filePath.replacing("/Tests/IntegrationTests/OpenAPI/OpenAPICommandTests.swift", with: "")
    private static let library = root + "/Tests/OpenAPITests/Resources/library.binpb"
    private static let feed = root + "/Tests/IntegrationTests/Resources/feed.binpb"

    private static func openapi(_ arguments: [String]) throws -> PythonScripts.Result {
        try PythonScripts.run(BuiltProduct.path("mltraining-gateway"), ["openapi"] + arguments)
    }

    /// The committed document is the default; its formats are those of the option.
    @Test(arguments: ["yaml", "json"])
    func printsTheCommittedDocument(format: String) throws {
        let exit = try OpenAPICommandTests.openapi(["--format", format])
        let committed = try FileBytes.read("\(OpenAPICommandTests.root)/openapi/mltraining.v1.\(format)")
        #expect(exit.exit == .code(0))
        #expect(exit.output == String(decoding: committed, as: UTF8.self))
    }

    static let options: [[String]] = [
        [], ["--descriptor-set", library], ["--descriptor-set", feed, "--auto-map"],
        ["--descriptor-set", library, "--json-omit-defaults", "--json-enums-as-numbers"],
        ["--descriptor-set", library, "--json-original-names", "--json-ignore-unknown-fields"],
        ["--public-url", "https://ml.example.com", "--base-path", "/training", "--viam-auth", "client-key"],
        ["--json-original-names", "--json-enums-as-numbers", "--json-omit-defaults", "--viam-auth", "service-key"],
    ]

    /// openapi-spec-validator takes it, and each example fits its schema, whatever the options.
    @Test(.enabled(if: PythonScripts.isInstalled), arguments: options)
    func isValid(options: [String]) throws {
        let folder = try TemporaryFolder()
        var files: [String] = []
        for format in ["yaml", "json"] {
            let exit = try OpenAPICommandTests.openapi(["--format", format] + options)
            #expect(exit.exit == .code(0), "\(exit.errors)")
            files.append("\(folder.path)/openapi.\(format)")
            try FileBytes.write(Array(exit.output.utf8), to: files[files.count - 1])
        }
        let script = OpenAPICommandTests.root + "/scripts/check_openapi.py"
        let check = try PythonScripts.run(PythonScripts.python, [script] + files)
        #expect(check.exit == .code(0), "\(check.output)\(check.errors)")
    }

    @Test(arguments: [
        "ml.example.com", "ftp://x", "https://", "https:///x", "https://a b", "https://x?y", "https://user@x",
        "https://:1",
        "https://x:y:z", "https://x:99999", "https://x/%zz", "https://x';[", "https://[x]", "https://x//y",
    ])
    func publicURLsThatAreNone(url: String) throws {
        let exit = try OpenAPICommandTests.openapi(["--public-url", url])
        #expect(exit.exit == .code(1))
        #expect(exit.errors.contains("--public-url \(url) is not"))
    }
}
