import Bytes
import RPCCore
import Testing

@testable import GRPCChannel
@testable import Gateway

@Suite
struct HealthBoardTests {
    private static let later = Deadline(nanoseconds: 1)

    private static func upstream(
        _ state: ConnectivityState,
        error: String? = nil,
        addresses: [(String, ConnectivityState, String?)] = []
    ) -> UpstreamState {
        UpstreamState(
            target: "http://ml.test:1",
            state: state,
            addresses: addresses.map { UpstreamState.Address(address: $0.0, state: $0.1, note: $0.2) },
            lookupError: error
        )
    }

    @Test(
        arguments: [
            ([], false),
            ([.connecting], false),
            ([.idle], false),
            ([.ready], true),
            ([.transientFailure(retryAt: later)], false),
            // Replacing a connection fails no call.
            ([.ready, .connecting], true),
            ([.ready, .idle], true),
            ([.ready, .transientFailure(retryAt: later)], false),
            ([.ready, .transientFailure(retryAt: later), .connecting], false),
            ([.ready, .transientFailure(retryAt: later), .ready], true),
            ([.ready, .shutdown], false),
        ] as [([ConnectivityState], Bool)]
    )
    func readinessFollowsTheChannel(states: [ConnectivityState], isReady: Bool) {
        let board = HealthBoard(workers: 1)
        for state in states { board.update(0, state, []) }
        #expect(board.read().isReady == isReady)
    }

    @Test
    func everyWorkerHasToBeAbleToServe() {
        let board = HealthBoard(workers: 2)
        board.update(0, .ready, [])
        #expect(!board.read().isReady)
        board.update(1, .ready, [])
        #expect(board.read().isReady)
        board.beginStopping()
        #expect(!board.read().isReady)
    }

    @Test
    func theReportHasTheStateOfTheWorkerThatFaresWorst() {
        let board = HealthBoard(workers: 2)
        board.update(0, .ready, [Self.upstream(.ready, addresses: [("127.0.0.1:1", .ready, nil)])])
        let failing = Self.upstream(
            .transientFailure(retryAt: Self.later),
            addresses: [
                ("127.0.0.1:1", .transientFailure(retryAt: Self.later), "connect: \"no\""),
                ("[::1]:1", .connecting, nil),
            ]
        )
        board.update(1, .transientFailure(retryAt: Self.later), [failing])
        #expect(
            text(board) == #"""
                {"status":"unavailable","workers":2,"readyWorkers":1,"upstreams":[{"target":"http://ml.test:1",\#
                "state":"TRANSIENT_FAILURE","addresses":[{"address":"127.0.0.1:1","state":"TRANSIENT_FAILURE",\#
                "note":"connect: \"no\""},{"address":"[::1]:1","state":"CONNECTING"}]}]}

                """#
        )
    }

    @Test
    func aNameThatCannotBeLookedUpIsAnErrorOfItsOwn() {
        let board = HealthBoard(workers: 1)
        let failing = ConnectivityState.transientFailure(retryAt: Self.later)
        board.update(0, failing, [Self.upstream(failing, error: "unknown node or service")])
        #expect(
            text(board) == #"""
                {"status":"unavailable","workers":1,"readyWorkers":0,"upstreams":[{"target":"http://ml.test:1",\#
                "state":"TRANSIENT_FAILURE","addresses":[],"error":"unknown node or service"}]}

                """#
        )
    }

    private func text(_ board: HealthBoard) -> String {
        let json = board.read().json()
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
