import GatewayTesting

/// An HTTP answer with JSON inside, whichever client it came through.
struct Answer {
    let status: Int
    let headers: HeaderList
    let json: JSON

    init(status: Int, headers: HeaderList, body: [UInt8]) throws {
        self.status = status
        self.headers = headers
        json = try JSON(parsing: body)
    }

    init(_ response: RawHTTPResponse) throws {
        try self.init(status: response.status, headers: response.headers, body: response.body)
    }

    /// The members of the contract's error shape.
    var error: JSON { json["error"] }

    /// The detail of the error with the type `google.rpc.` + `name`, null if there is none.
    func detail(_ name: String) -> JSON {
        let details = json["error"]["details"].elements + json["details"].elements
        return details.first { $0["@type"] == .string("type.googleapis.com/google.rpc.\(name)") } ?? .null
    }

    /// The fields named by the error's `google.rpc.BadRequest`.
    var violatedFields: [String] {
        detail("BadRequest")["fieldViolations"].elements.compactMap { $0["field"].text }
    }
}
