/// What a scripted upstream's thread and the tests share, behind one ``Monitor``.
struct UpstreamState: Sendable {
    struct Registration: Sendable {
        let start: ScriptedUpstream.Start
        let script: @Sendable (RecordedRequest) -> Script
    }

    struct Command: Sendable {
        let action: ConnectionAction
        /// Nil for every open connection.
        let connection: Int?
    }

    var registrations: [String: Registration] = [:]
    var behavior: @Sendable (_ connection: Int) -> ConnectionBehavior
    var commands: [Command] = []
    var isStopping = false

    var requests: [RecordedRequest] = []
    var countByPath: [String: Int] = [:]
    var connections: [RecordedConnection] = []
    var violations: [String] = []

    /// Puts the request's place among those of its path on record, now that its headers are known.
    mutating func headersEnded(_ number: Int) {
        let path = requests[number].path
        requests[number].hasHeaders = true
        requests[number].ordinal = countByPath[path, default: 0]
        countByPath[path, default: 0] += 1
    }
}
