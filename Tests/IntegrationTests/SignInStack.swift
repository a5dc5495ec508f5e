import GatewayTesting
import Glibc
import Testing

/// A gateway that signs in, and an upstream that gives out tokens and lets only those in.
final class SignInStack: Sendable {
    static let authenticate = "/proto.rpc.v1.AuthService/Authenticate"
    static let id = "3f8a1c52-7d0e-4c1b-9a64-0b6f2d1e7c55"
    static let secret = "s3cr3t-k3y-of-the-caller"

    private struct State {
        /// What Authenticate answers, by the number of the call.
        ///
        /// The last one repeats; where there is none, a new token each time.
        var scripts: [Script] = []
        /// Each token that was given out, in order.
        var tokens: [String] = []
        /// Tokens that are not let in any more.
        var revoked: Set<String> = []
        var lifetime: Double?
        var gates: [Int: Gate] = [:]
    }

    let upstream: ScriptedUpstream
    let gateway: GatewayProcess
    private let state = Monitor(State())

    init(_ arguments: [String] = ["--viam-auth", "client-key"], workers: Int = 1) throws {
        upstream = try ScriptedUpstream()
        gateway = try GatewayProcess(upstream, workers: workers, arguments)
        let state = state
        upstream.on(SignInStack.authenticate) { request in
            state.update { state in
                let hold = state.gates[request.ordinal].map { [Script.Step.hold($0)] } ?? []
                if !state.scripts.isEmpty {
                    return Script(hold) + state.scripts[min(request.ordinal, state.scripts.count - 1)]
                }
                let token = SignInStack.token("\(request.ordinal)", lifetime: state.lifetime)
                state.tokens.append(token)
                return Script(hold) + SignInStack.answer(token)
            }
        }
        for path in [MLTraining.getJob, MLTraining.submit] {
            upstream.on(path) { request in
                let isKnown = state.read { state in
                    state.tokens.contains { token in
                        request.headers.values("authorization") == ["Bearer \(token)"] && !state.revoked.contains(token)
                    }
                }
                guard isKnown else { return .status(16, "no entry") }
                return .answer(path == MLTraining.submit ? [] : MLTraining.job(id: MLTraining.id(in: request)))
            }
        }
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// A JWT that differs from the others by `name`, and expires after so many seconds.
    static func token(_ name: String, lifetime: Double?) -> String {
        let expiry = lifetime.map { #","exp":\#(now() + $0)"# } ?? ""
        let parts = [#"{"alg":"none"}"#, #"{"sub":"\#(name)"\#(expiry)}"#, "signature"]
        return parts.map { part in
            String(Base64.encode(Array(part.utf8)).map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
        }.joined(separator: ".")
    }

    /// An `AuthenticateResponse`.
    static func answer(_ token: String) -> Script {
        .answer(ProtobufFixture.message { $0.string(1, token) })
    }

    // MARK: What the upstream does

    /// Has the `number`-th Authenticate, from 0, wait for the gate that is returned.
    func hold(_ number: Int) -> Gate {
        let gate = Gate()
        state.update { $0.gates[number] = gate }
        return gate
    }

    func answerAuthenticate(with scripts: Script...) {
        state.update { $0.scripts = scripts }
    }

    func setLifetime(_ seconds: Double?) {
        state.update { $0.lifetime = seconds }
    }

    /// Lets the tokens that have been given out so far in no more.
    func revokeAll() {
        state.update { $0.revoked.formUnion($0.tokens) }
    }

    var tokens: [String] { state.read { $0.tokens } }

    // MARK: What it has seen

    var signIns: [RecordedRequest] { upstream.requests(for: SignInStack.authenticate) }
    var reads: [RecordedRequest] { upstream.requests(for: MLTraining.getJob) }

    /// Waits until so many sign-ins have come.
    func waitForSignIns(_ count: Int) {
        let seen = upstream.waitForRequests { requests in
            requests.count { $0.path == SignInStack.authenticate && $0.isComplete } >= count
        }
        #expect(seen.count { $0.path == SignInStack.authenticate } >= count)
    }

    // MARK: Clients

    static func basic(_ id: String = id, _ secret: String = secret) -> HeaderList {
        ["Authorization": "Basic \(Base64.encode(Array("\(id):\(secret)".utf8)))"]
    }

    static func fields(_ id: String = id, _ secret: String = secret) -> HeaderList {
        ["X-Viam-Api-Key-Id": id, "X-Viam-Api-Key": secret]
    }

    func get(_ headers: HeaderList = SignInStack.basic()) throws -> Answer {
        try gateway.get("/v1/jobs/a", headers: headers)
    }

    func stop() throws {
        let exit = try gateway.stop()
        #expect(exit == .code(0), "\(gateway.process.transcript)")
        #expect(upstream.violations.isEmpty)
        expectNoSecret(gateway.process.transcript)
        upstream.stop()
    }

    /// Checks that no part of a key, in any form, is in `text`.
    func expectNoSecret(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let forms = [SignInStack.secret, Base64.encode(Array("\(SignInStack.id):\(SignInStack.secret)".utf8))]
        for secret in forms + tokens {
            #expect(!text.contains(secret), "\(text)", sourceLocation: sourceLocation)
        }
    }
}
