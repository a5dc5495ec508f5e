import GatewayTesting
import Testing

/// Each fault of TLS in the table, met by a submit and by a read through the built gateway.
@Suite
struct TLSFaultTests {
    @Test(arguments: TLSFault.all)
    func aFault(fault: TLSFault) throws {
        let folder = try TemporaryFolder()
        let authority = try TestAuthority()
        try FileBytes.write(authority.pem, to: folder.path + "/ca.pem")
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on(MLTraining.submit, .emptyAnswer)
        upstream.on(MLTraining.getJob, .emptyAnswer)
        let front: TLSFront? =
            switch fault.server {
            case .tls(let options): try TLSFront(to: upstream, options(authority))
            case .plain: nil
            }
        defer { front?.stop() }
        let trust = fault.scheme == "https" ? ["--upstream-ca", folder.path + "/ca.pem"] : []
        let gateway = try GatewayProcess(
            upstream: "\(fault.scheme)://127.0.0.1:\(front?.port ?? upstream.port)",
            trust
        )
        let headers: HeaderList = ["Grpc-Timeout": fault.view == .unavailable ? "4S" : "150m"]
        let answers = [
            try gateway.post("/v1/jobs", headers: headers), try gateway.get("/v1/jobs/1", headers: headers),
        ]
        for answer in answers {
            #expect(ClientView(answer) == fault.view)
            #expect(answer.error["message"].text?.contains(fault.words) == true, "\(answer.json)")
        }
        #expect(upstream.requests.isEmpty)
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
    }
}
