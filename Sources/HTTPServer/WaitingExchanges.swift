internal import EventLoop

/// The exchanges that wait for their answer or for more of it, and the watch on their clients.
///
/// libmicrohttpd does not look at a suspended connection, so a client that hangs up would go unnoticed. Watching every
/// one costs two system calls a request; most are answered within one or two ``interval``s, so only those that have
/// waited longer get a watch. Ending only the sending side (`shutdown(SHUT_WR)`) counts as hanging up, although
/// RFC 9112, section 9.6, lets clients do so: the kernel sees the same FIN, the two cannot be told apart before something
/// is sent, and most that send one have gone (nginx and Envoy think so too).
final class WaitingExchanges {
    /// Milliseconds between two looks at what waits.
    private static let interval: UInt64 = 250

    private let loop: EventLoop
    /// In no order; each exchange knows its place.
    ///
    /// Unretained: libmicrohttpd keeps them while they wait.
    private var exchanges: [Unmanaged<Exchange>] = []
    private var timer: LoopTimer?
    private var timerIsArmed = false

    init(on loop: EventLoop) {
        self.loop = loop
        timer = LoopTimer(on: loop) { [unowned self] in
            timerIsArmed = false
            watchLongWaits()
            if !exchanges.isEmpty { arm() }
        }
    }

    var count: Int { exchanges.count }

    func insert(_ exchange: Exchange) {
        exchange.waitingIndex = exchanges.count
        exchanges.append(Unmanaged.passUnretained(exchange))
        if !timerIsArmed { arm() }
    }

    func remove(_ exchange: Exchange) {
        let index = exchange.waitingIndex
        guard let last = exchanges.popLast() else { return }
        if index < exchanges.count {
            exchanges[index] = last
            last._withUnsafeGuaranteedRef { $0.waitingIndex = index }
        }
        exchange.stopWatching()
    }

    /// Ends the watch, and the wait of answers that are being streamed.
    func close() {
        timer?.close()
        // A copy, as each one that goes on leaves the list.
        let waiting = exchanges
        for exchange in waiting { exchange._withUnsafeGuaranteedRef { $0.giveUpBody() } }
    }

    private func arm() {
        timerIsArmed = true
        timer?.start(afterMilliseconds: WaitingExchanges.interval)
    }

    private func watchLongWaits() {
        for exchange in exchanges { exchange._withUnsafeGuaranteedRef { $0.watchIfWaitingLong(on: loop) } }
    }
}
