package import EventLoop

/// Counts the connections of all servers that share it, and says whether there is room for another.
///
/// Asked when a connection is accepted and told when it is closed, by any thread, and not by requests; so a lock will do.
/// How many there are of a client is kept only while that is limited, and for those that are open, so memory is bounded by
/// the number of connections.
package final class ConnectionLedger: Sendable {
    package struct Limits: Sendable {
        /// Connections in all, 0 for as many as there may be.
        package var total: Int
        /// Connections of one client, which is an IPv4 address or an IPv6 network of 64 bits; 0 for as many as there may be.
        package var perClient: Int
        /// Who may have any number of them, as may peers of a unix-domain socket.
        package var exempt: [IPNetwork]

        package init(total: Int, perClient: Int = 0, exempt: [IPNetwork] = []) {
            self.total = total
            self.perClient = perClient
            self.exempt = exempt
        }
    }

    /// What there is no room within.
    package enum Limit: Sendable {
        case total
        case perClient
    }

    /// A connection's place, to be given back when it is closed.
    struct Place: Sendable {
        /// Nil where nobody counts those of its client.
        fileprivate let client: IPAddress?
    }

    enum Admission: Sendable {
        case admitted(Place)
        case refused(Limit)
    }

    private struct State: Sendable {
        var limits: Limits
        var count = 0
        var clients: [IPAddress: Int] = [:]
    }

    private let state: Locked<State>

    package init(_ limits: Limits) {
        state = Locked(State(limits: limits))
    }

    /// Sets other limits; connections above them stay.
    ///
    /// Where connections of a client were not counted before, those that are open are not counted now.
    package func set(_ limits: Limits) {
        state.withLock { $0.limits = limits }
    }

    /// Connections that are open.
    package var count: Int { state.withLock { $0.count } }

    /// Takes a place for a connection of `peer`, nil for that of a unix-domain socket.
    func admit(_ peer: IPAddress?) -> Admission {
        state.withLock { state in
            let limits = state.limits
            guard limits.total == 0 || state.count < limits.total else { return .refused(.total) }
            guard limits.perClient > 0, let peer, !limits.exempt.contains(where: { $0.contains(peer) }) else {
                state.count += 1
                return .admitted(Place(client: nil))
            }
            let client = peer.clientNetwork
            let others = state.clients[client, default: 0]
            guard others < limits.perClient else { return .refused(.perClient) }
            state.clients[client] = others + 1
            state.count += 1
            return .admitted(Place(client: client))
        }
    }

    func giveBack(_ place: Place) {
        state.withLock { state in
            state.count -= 1
            guard let client = place.client, let count = state.clients[client] else { return }
            state.clients[client] = count > 1 ? count - 1 : nil
        }
    }
}
