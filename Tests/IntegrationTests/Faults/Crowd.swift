import GatewayTesting
import Testing

/// Clients of one gateway, each with a connection of its own, who ask at the same time.
struct Crowd {
    private let clients: [RawHTTPClient]

    init(_ count: Int, of gateway: GatewayProcess, timeout: Duration = .seconds(30)) throws {
        clients = try (0..<count).map { _ in try gateway.client(timeout: timeout) }
    }

    /// Has every client submit a job, the model's name made of the client's number.
    func submit(_ name: (Int) -> String) throws {
        let json: HeaderList = ["Content-Type": "application/json"]
        for (number, client) in clients.enumerated() {
            let body = #"{"modelName": "\#(name(number))"}"#
            try client.sendRequest("POST", "/v1/jobs", headers: json, body: Array(body.utf8))
        }
    }

    /// Has every client get a job, the id made of the client's number.
    func get(_ id: (Int) -> String) throws {
        for (number, client) in clients.enumerated() {
            try client.sendRequest("GET", "/v1/jobs/\(id(number))")
        }
    }

    /// What each client gets; to be called once for each time that all of them have asked.
    func answers() throws -> [ClientView] {
        try clients.map { ClientView(try Answer($0.readResponse())) }
    }
}
