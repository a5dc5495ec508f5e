import GatewayTesting
import Testing

/// Pages of other sites, which a browser lets send requests, and with what the user has given it for the gateway.
@Suite
struct CrossSiteTests {
    private let folder: TemporaryFolder
    private let key: [String]

    init() throws {
        folder = try TemporaryFolder()
        try FileBytes.write(Array(SignInStack.id.utf8), to: folder.path + "/id")
        try FileBytes.write(Array(SignInStack.secret.utf8), to: folder.path + "/key")
        key =
            ["--viam-auth", "service-key"]
            + ["--viam-api-key-id-file", folder.path + "/id", "--viam-api-key-file", folder.path + "/key"]
    }

    private static let foreign: [HeaderList] = [
        ["Host": "attacker.example:8080"],
        ["Origin": "http://attacker.example"],
        ["Origin": "null"],
        ["Origin": "http://attacker.example", "Sec-Fetch-Site": "cross-site"],
        ["Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"],
        ["Sec-Fetch-Site": "same-site"],
    ]

    private func submit(_ gateway: GatewayProcess, _ headers: HeaderList) throws -> Answer {
        try gateway.post("/v1/jobs", json: Requests.submit(), headers: headers)
    }

    @Test
    func theGatewaysKeyIsNotForThem() throws {
        let stack = try SignInStack(key)
        for headers in Self.foreign {
            let answer = try submit(stack.gateway, headers)
            #expect(answer.status == 403, "\(headers)")
            #expect(answer.detail("ErrorInfo")["reason"] == "CROSS_SITE_REQUEST", "\(headers)")
        }
        #expect(stack.upstream.requests.isEmpty)
        let own: [HeaderList] = [
            [:], ["Sec-Fetch-Site": "same-origin"], ["Sec-Fetch-Site": "none"],
            ["Host": "localhost:1", "Origin": "http://localhost:1"],
        ]
        for headers in own { #expect(try submit(stack.gateway, headers).status / 100 == 2, "\(headers)") }
        try stack.stop()
    }

    @Test
    func whoeverIsAllowedToIsNotAsked() throws {
        let stack = try SignInStack(key + ["--allow-anonymous"])
        for headers in Self.foreign { #expect(try submit(stack.gateway, headers).status / 100 == 2, "\(headers)") }
        try stack.stop()
    }

    @Test
    func thoseThatAreAllowedByNameMay() throws {
        let page: HeaderList = ["Origin": "http://attacker.example", "Sec-Fetch-Site": "cross-site"]
        let named = try SignInStack(key + ["--cors-origin", "http://attacker.example"])
        #expect(try submit(named.gateway, page).status / 100 == 2)
        #expect(try submit(named.gateway, ["Origin": "http://other.example"]).status == 403)
        try named.stop()
        // All of them is not a name.
        let any = try SignInStack(key + ["--cors-origin", "*"])
        #expect(try submit(any.gateway, page).status == 403)
        try any.stop()
    }

    /// A browser repeats Basic credentials by itself, and nothing else that the gateway takes.
    @Test
    func aBrowsersBasicCredentialsAreNotForThem() throws {
        let stack = try SignInStack()
        for headers in Self.foreign.dropFirst() {
            #expect(try submit(stack.gateway, headers + SignInStack.basic()).status == 403, "\(headers)")
            #expect(try submit(stack.gateway, headers + SignInStack.fields()).status / 100 == 2, "\(headers)")
        }
        #expect(try submit(stack.gateway, SignInStack.basic()).status / 100 == 2)
        try stack.stop()
    }
}
