import GatewayTesting
import Testing

@testable import HTTPRules

@Suite struct RouteTrieTests {
    /// The routes of the design.
    static let design = [
        "POST /v1/jobs", "POST /v1/jobs:submitCustom", "GET /v1/jobs/{id}", "GET /v1/jobs",
        "GET /v1/organizations/{organization_id}/jobs", "POST /v1/jobs/{id}:cancel", "DELETE /v1/jobs/{id}",
        "GET /v1/jobs/{id}/logs", "GET /v1/containers", "GET /v1/organizations/{organization_id}/containers",
        "GET /v1/containers/{id}", "POST /v1/containers", "DELETE /v1/containers/{id}",
        "POST /viam.app.mltraining.v1.MLTrainingService/GetTrainingJob",
        "POST /viam.app.mltraining.v1.MLTrainingService/ListTrainingJobs",
    ]

    @Test(arguments: [
        ("GET /v1/jobs", "GET /v1/jobs"),
        ("POST /v1/jobs", "POST /v1/jobs"),
        ("POST /v1/jobs:submitCustom", "POST /v1/jobs:submitCustom"),
        ("GET /v1/jobs:submitCustom", "405 POST"),
        ("POST /v1/jobs:other", "404"),
        ("POST /v1/jobs:", "404"),
        ("GET /v1/jobs/64f0", "GET /v1/jobs/{id} id=64f0"),
        ("HEAD /v1/jobs/64f0", "GET /v1/jobs/{id} id=64f0 (head)"),
        ("DELETE /v1/jobs/64f0", "DELETE /v1/jobs/{id} id=64f0"),
        ("PUT /v1/jobs/64f0", "405 DELETE, GET, HEAD"),
        ("OPTIONS /v1/jobs", "405 GET, HEAD, POST"),
        ("GET /v1/jobs/64f0/logs", "GET /v1/jobs/{id}/logs id=64f0"),
        ("POST /v1/jobs/64f0/logs", "405 GET, HEAD"),
        // Verbs and colons.
        ("POST /v1/jobs/a:cancel", "POST /v1/jobs/{id}:cancel id=a"),
        ("GET /v1/jobs/a:cancel", "405 POST"),
        ("DELETE /v1/jobs/a:cancel", "405 POST"),
        ("GET /v1/jobs/a%3Acancel", "GET /v1/jobs/{id} id=a%3Acancel"),
        ("GET /v1/jobs/a:cance%6c", "GET /v1/jobs/{id} id=a:cance%6c"),
        ("GET /v1/jobs/a:b", "GET /v1/jobs/{id} id=a:b"),
        ("GET /v1/jobs/a:", "GET /v1/jobs/{id} id=a:"),
        ("GET /v1/jobs/:a", "GET /v1/jobs/{id} id=:a"),
        ("POST /v1/jobs/a:b:cancel", "POST /v1/jobs/{id}:cancel id=a:b"),
        ("GET /v1/jobs/a:cancel:b", "GET /v1/jobs/{id} id=a:cancel:b"),
        ("POST /v1/jobs/:cancel", "404"),
        ("GET /v1/jobs/:cancel", "404"),
        ("GET /v1/jobs/a:cancel/logs", "GET /v1/jobs/{id}/logs id=a:cancel"),
        ("GET /v1/containers/tf:2.15", "GET /v1/containers/{id} id=tf:2.15"),
        ("GET /v1/containers/tf:cancel", "GET /v1/containers/{id} id=tf:cancel"),
        ("GET /v1/jobs/a/logs:cancel", "404"),
        // Slashes.
        ("GET /v1/jobs/", "GET /v1/jobs"),
        ("GET /v1/jobs//", "404"),
        ("GET /v1//jobs", "404"),
        ("GET //v1/jobs", "404"),
        ("GET /v1/jobs/a/", "GET /v1/jobs/{id} id=a"),
        ("POST /v1/jobs/a:cancel/", "POST /v1/jobs/{id}:cancel id=a"),
        ("GET /v1/jobs/a//", "404"),
        ("GET /v1/jobs/a/logs//", "404"),
        ("GET /v1/jobs//logs", "404"),
        ("GET /v1/jobs/%2F", "GET /v1/jobs/{id} id=%2F"),
        ("GET /v1/jobs/a%2Flogs", "GET /v1/jobs/{id} id=a%2Flogs"),
        ("GET /v1%2Fjobs", "404"),
        // Encoded literals and case.
        ("GET /v%31/%6Aobs", "GET /v1/jobs"),
        ("GET /v1/%6A%6F%62%73/x", "GET /v1/jobs/{id} id=x"),
        ("POST /v1/%6Aobs:submitCustom", "POST /v1/jobs:submitCustom"),
        ("POST /v1/jobs%3AsubmitCustom", "404"),
        ("GET /v1/Jobs", "404"),
        ("GET /v1/job", "404"),
        ("GET /v1/jobss", "404"),
        ("GET /v1/jobt", "404"),
        // Malformed.
        ("GET /v1/jobs/%", "400"),
        ("GET /v1/jobs/%4", "400"),
        ("GET /v1/jobs/%zz", "400"),
        ("GET /v1/jobs/a%00b", "400"),
        ("GET /nowhere/%", "400"),
        ("GET /", "404"),
        ("GET ", "404"),
        ("GET v1/jobs", "404"),
        ("GET *", "404"),
        ("GET /v1", "404"),
        ("GET /v1/jobs/a/logs/b", "404"),
        // Plain RPC paths.
        (
            "POST /viam.app.mltraining.v1.MLTrainingService/GetTrainingJob",
            "POST /viam.app.mltraining.v1.MLTrainingService/GetTrainingJob"
        ),
        ("GET /viam.app.mltraining.v1.MLTrainingService/GetTrainingJob", "405 POST"),
        ("POST /viam.app.mltraining.v1.MLTrainingService/Nothing", "404"),
    ])
    func answersTheDesign(_ request: String, _ expected: String) throws {
        #expect(try TestRouter(Self.design).answer(request) == expected)
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let rules: [String]
        let answers: [(request: String, answer: String)]
        var testDescription: String { rules.joined(separator: ", ") }
    }

    @Test(arguments: [
        // Literal, then `*`, then `**`.
        Case(
            rules: ["GET /a/b", "GET /a/*", "GET /a/**", "GET /*/b", "GET /**"],
            answers: [
                ("GET /a/b", "GET /a/b"), ("GET /a/c", "GET /a/*"), ("GET /a/b/c", "GET /a/**"),
                ("GET /a", "GET /a/**"),
                ("GET /c/b", "GET /*/b"), ("GET /c/d", "GET /**"), ("GET /", "GET /**"),
            ]
        ),
        // Backtracking out of a literal, twice.
        Case(
            rules: ["GET /a/b/c", "GET /a/*/d", "GET /*/b/e", "GET /*/*/*"],
            answers: [
                ("GET /a/b/c", "GET /a/b/c"), ("GET /a/b/d", "GET /a/*/d"), ("GET /a/b/e", "GET /*/b/e"),
                ("GET /a/b/f", "GET /*/*/*"), ("GET /a/b", "404"),
            ]
        ),
        // The method takes part in backtracking, and 405 tells of all branches.
        Case(
            rules: ["GET /a/b", "POST /a/{x}", "DELETE /{y=**}", "PURGE /a/b"],
            answers: [
                ("GET /a/b", "GET /a/b"), ("POST /a/b", "POST /a/{x} x=b"), ("DELETE /a/b", "DELETE /{y=**} y=a/b"),
                ("PURGE /a/b", "PURGE /a/b"), ("PUT /a/b", "405 DELETE, GET, HEAD, POST, PURGE"),
                ("PUT /a/c", "405 DELETE, POST"), ("NOVEL /c", "405 DELETE"),
            ]
        ),
        // `**`: zero or more, but never an empty capture.
        Case(
            rules: ["GET /a/**", "GET /b/{x=**}", "GET /{x=c/**}", "GET /d/{x=**}", "POST /d/**"],
            answers: [
                ("GET /a", "GET /a/**"), ("GET /a/", "GET /a/**"), ("GET /a/x/y/z", "GET /a/**"),
                ("GET /b", "404"), ("GET /b/", "404"), ("GET /b/x/y/", "GET /b/{x=**} x=x/y"), ("GET /b/x//y", "404"),
                ("GET /b/x//", "404"), ("GET /b/%2F/y", "GET /b/{x=**} x=%2F/y"),
                ("GET /c", "GET /{x=c/**} x=c"), ("GET /c/d/e", "GET /{x=c/**} x=c/d/e"),
                ("GET /d", "405 POST"), ("PUT /d", "405 POST"), ("PUT /d/e", "405 GET, HEAD, POST"),
            ]
        ),
        // Literals after `**`, most of them first.
        Case(
            rules: ["GET /a/{x=**}/y", "GET /a/{x=**}/y/y", "GET /a/{x=**/z}", "GET /a/**/y:go", "GET /{x=**}"],
            answers: [
                ("GET /a/b/y", "GET /a/{x=**}/y x=b"), ("GET /a/b/c/y", "GET /a/{x=**}/y x=b/c"),
                ("GET /a/b/y/y", "GET /a/{x=**}/y/y x=b"), ("GET /a/y/y", "GET /a/{x=**}/y x=y"),
                ("GET /a/y", "GET /{x=**} x=a/y"), ("GET /a/z", "GET /a/{x=**/z} x=z"),
                ("GET /a/b/z", "GET /a/{x=**/z} x=b/z"), ("GET /a/b/%79", "GET /a/{x=**}/y x=b"),
                ("GET /a/b/y:go", "GET /a/**/y:go"), ("GET /a/y:go", "GET /a/**/y:go"),
                ("GET /a/b/y:no", "GET /{x=**} x=a/b/y:no"), ("GET /a:go", "GET /{x=**} x=a:go"),
            ]
        ),
        // Verbs after `**` and after nothing of it.
        Case(
            rules: ["GET /a/**:go", "GET /a/{x=**}", "POST /b/*/**:go", "GET /b/*"],
            answers: [
                ("GET /a:go", "GET /a/**:go"), ("GET /a/b:go", "GET /a/**:go"), ("GET /a/b/c:go", "GET /a/**:go"),
                ("GET /a/b:no", "GET /a/{x=**} x=b:no"), ("GET /a:no", "404"), ("GET /a/b/:go", "404"),
                ("GET /a/:go", "404"), ("GET /b/c:go", "GET /b/*"), ("POST /b/c:go", "POST /b/*/**:go"),
                ("POST /b/c/d:go", "POST /b/*/**:go"), ("POST /b/c/d", "404"),
            ]
        ),
        // A verb is looked for only where the path has come to.
        Case(
            rules: ["POST /a/*:go", "GET /**", "PUT /a/*:stop", "GET /a/*"],
            answers: [
                ("POST /a/b:go", "POST /a/*:go"), ("GET /a/b:go", "GET /**"), ("PUT /a/b:go", "405 GET, HEAD, POST"),
                ("GET /a/b:x", "GET /a/*"), ("PUT /a/b:stop", "PUT /a/*:stop"),
            ]
        ),
        // Captures of many segments, and the method that fits all.
        Case(
            rules: ["GET /{a=x/*}/{b}/{c.d=y/*/z}:go", "* /q/{a}", "GET /q/r", "HEAD /q/r"],
            answers: [
                ("GET /x/1/2/y/3/z:go", "GET /{a=x/*}/{b}/{c.d=y/*/z}:go a=x/1 b=2 c.d=y/3/z"),
                ("GET /x/1/2/y/3/z", "404"), ("HEAD /q/r", "HEAD /q/r"), ("POST /q/r", "* /q/{a} a=r"),
                ("NOVEL /q/s", "* /q/{a} a=s"), ("HEAD /q/s", "* /q/{a} a=s"), ("* /q/s", "* /q/{a} a=s"),
            ]
        ),
        // Literals that differ in length, in bytes and in encoding.
        Case(
            rules: ["GET /a%2Fb", "GET /aab", "GET /ab", "GET /b", "GET /a", "GET /aac", "GET /%C3%A9"],
            answers: [
                ("GET /a%2Fb", "GET /a%2Fb"), ("GET /a%2fb", "GET /a%2Fb"), ("GET /a/b", "404"),
                ("GET /a%61b", "GET /aab"),
                ("GET /aac", "GET /aac"), ("GET /aad", "404"), ("GET /%62", "GET /b"), ("GET /é", "GET /%C3%A9"),
                ("GET /%c3%a9", "GET /%C3%A9"), ("GET /%61%61%61%61", "404"), ("GET /+", "404"),
            ]
        ),
    ])
    func prefersTheMoreSpecificInAnyOrder(_ example: Case) throws {
        var generator = SeededRandom(seed: 3)
        for _ in 0..<24 {
            let router = try TestRouter(example.rules.shuffled(using: &generator))
            for (request, answer) in example.answers {
                #expect(try router.answer(request) == answer, "\(request) over \(router.rules)")
            }
        }
    }

    @Test func anEmptyTrieKnowsNothing() throws {
        let router = try TestRouter([])
        #expect(try router.answer("GET /") == "404")
        #expect(try router.answer("GET /a/b") == "404")
    }

    @Test func aTemplateMayBeVeryLong() throws {
        let path = String(repeating: "/a", count: 64_000)
        let router = try TestRouter(["GET \(path)", "GET /**"])
        #expect(try router.answer("GET \(path)") == "GET \(path)")
        #expect(try router.answer("GET \(path)/a") == "GET /**")
    }

    @Test func faultsAreToldByPlace() throws {
        let router = try TestRouter(Self.design)
        #expect(router.steps(.get, Array("/v1/%2".utf8)).result == .badRequest(.malformedEscape(offset: 4)))
        #expect(router.steps(.get, Array("/v1/%00".utf8)).result == .badRequest(.encodedNUL(offset: 4)))
    }
}
