import Bytes
import GRPCChannel
import RPCCore
import Testing

@testable import Gateway

@Suite
struct HealthBoardTests {
    private static let later = Deadline(nanoseconds: 1)

    private static func upstream(
        _ state: ConnectivityState,
        error: String? = nil,
        addresses: [(String, ConnectivityState)] = []
    ) -> UpstreamState {
        UpstreamState(
            target: "http://ml.test:1",
            state: state,
            addresses: addresses.map { UpstreamState.Address(address: $0.0, state: $0.1) },
            lastError: error
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
        board.update(0, .ready, [Self.upstream(.ready, error: "old", addresses: [("127.0.0.1:1", .ready)])])
        let failing = Self.upstream(
            .transientFailure(retryAt: Self.later),
            error: "connect: \"no\"",
            addresses: [("127.0.0.1:1", .transientFailure(retryAt: Self.later)), ("[::1]:1", .connecting)]
        )
        board.update(1, .transientFailure(retryAt: Self.later), [failing])
        #expect(
            text(board) == #"""
                {"status":"unavailable","workers":2,"readyWorkers":1,"upstreams":[{"target":"http://ml.test:1",\#
                "state":"TRANSIENT_FAILURE","addresses":[{"address":"127.0.0.1:1","state":"TRANSIENT_FAILURE"},\#
                {"address":"[::1]:1","state":"CONNECTING"}],"error":"connect: \"no\""}]}

                """#
        )
    }

    @Test
    func whatIsOverIsNoError() {
        let board = HealthBoard(workers: 1)
        board.update(0, .ready, [Self.upstream(.ready, error: "connect: refused")])
        #expect(
            text(board) == #"""
                {"status":"ready","workers":1,"readyWorkers":1,"upstreams":[{"target":"http://ml.test:1",\#
                "state":"READY","addresses":[]}]}

                """#
        )
    }

    private func text(_ board: HealthBoard) -> String {
        let json = board.read().json()
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
