import GatewayTesting
import Testing

/// One way for an upstream to fail, and what becomes of a submit and of a read that meet it.
struct Fault: Sendable, CustomTestStringConvertible {
    /// A row's first cell.
    let name: String
    /// What the client of a submit gets, and that of a read.
    let submit: ClientView
    let read: ClientView
    /// How often the application behind the server has seen the submit.
    let reached: Int
    /// The client's `Grpc-Timeout`.
    var timeout = "4S"
    /// How every connection is treated.
    var behavior = ConnectionBehavior.standard
    /// Whether there are requests at all, rather than none that gets as far as the server.
    var isOfRequests = true
    /// The code that the gateway resets the call with, where it must.
    var reset: HTTP2ErrorCode?
    /// Whether the application gets to see a request that has arrived, rather than only the HTTP/2 library before it.
    var isSeen: @Sendable (RecordedRequest) -> Bool = { _ in true }
    /// What each request meets.
    let script: @Sendable (RecordedRequest) -> Script

    /// A fault that the request itself meets.
    init(
        _ name: String,
        submit: ClientView,
        read: ClientView,
        reached: Int = 1,
        isSeen: @escaping @Sendable (RecordedRequest) -> Bool = { _ in true },
        _ script: @escaping @Sendable (RecordedRequest) -> Script
    ) {
        self.name = name
        self.submit = submit
        self.read = read
        self.reached = reached
        self.isSeen = isSeen
        self.script = script
    }

    /// A fault that meets every request alike.
    init(_ name: String, submit: ClientView, read: ClientView, _ script: Script) {
        self.init(name, submit: submit, read: read) { _ in script }
    }

    /// A fault of every connection, before any request; no submit reaches such a server.
    init(_ name: String, _ view: ClientView, timeout: String = "4S", behavior: ConnectionBehavior) {
        self.init(name, submit: view, read: view, reached: 0) { _ in .silence }
        self.timeout = timeout
        self.behavior = behavior
        isOfRequests = false
    }

    /// The same fault for a client that waits no longer than `timeout`, upon which the gateway resets the call.
    func abandoned(after timeout: String) -> Fault {
        var fault = self
        fault.timeout = timeout
        fault.reset = .cancel
        return fault
    }

    var testDescription: String { name }
}

extension Script {
    /// An answer that both methods take for an empty one.
    static let emptyAnswer = Script.answer([0x0A, 0])
}
