import GatewayTesting
import Glibc

/// Clients that submit jobs one after the other, and keep exact books on what became of each request.
///
/// A request is *accepted* if it is the first on a connection that was made, or if its connection was used before and has
/// not come to its end. Such a request must be answered. One that finds a used connection ended in place of any byte of
/// an answer was not accepted, and may be sent again (RFC 9112, section 9.6); nor was one whose connection is refused. The
/// gateway leaves idle connections a second, so that does not happen to those that were used a moment ago.
final class LoadClients: Sendable {
    struct Books {
        /// Answers by status.
        var answers: [Int: Int] = [:]
        /// Connections that were refused.
        var refused = 0
        /// Requests on a used connection that had ended.
        var tooLate = 0
        /// What must not be: how an accepted request was lost.
        var lost: [String] = []
        /// Answers that said that they are the last ones of their connection.
        var farewells = 0
        var isStopped = false
    }

    private let books = Monitor(Books())
    private let threads: [BackgroundThread]

    /// Starts `count` clients of the server at `address`, each of which ends when its connection is refused.
    ///
    /// - Parameters:
    ///   - count: how many there are.
    ///   - address: `HOST:PORT` or `unix:PATH`.
    ///   - requestsPerConnection: how many each client makes before it connects anew.
    /// - Throws: ``SystemError`` where the system is out of threads.
    init(
        _ count: Int,
        of address: String,
        requestsPerConnection: @escaping @Sendable (_ client: Int) -> Int
    ) throws {
        let books = books
        threads = try (0..<count).map { number in
            try BackgroundThread {
                var serial = 0
                while !books.read({ $0.isStopped }) {
                    guard let client = LoadClients.connect(address, books) else { return }
                    var last: MonotonicTime?
                    for _ in 0..<requestsPerConnection(number) {
                        serial += 1
                        // The server may have answered right then, however late the answer is read.
                        let start = MonotonicTime.now
                        let isOver = LoadClients.submit("\(number)-\(serial)", after: last, client, books)
                        if isOver || books.read({ $0.isStopped }) { break }
                        last = start
                    }
                    client.close()
                }
            }
        }
    }

    private static func connect(_ address: String, _ books: Monitor<Books>) -> RawHTTPClient? {
        do throws(SystemError) {
            return try RawHTTPClient(address: address, timeout: .seconds(30))
        } catch {
            books.update { books in
                // The file of a unix-domain socket goes with it.
                if error.code == ECONNREFUSED || error.code == ENOENT {
                    books.refused += 1
                } else {
                    books.lost.append("connect: \(error)")
                }
            }
            return nil
        }
    }

    /// Makes one request; whether it was the last one of its connection.
    ///
    /// `last` is when the request before it was made, nil for the first one.
    private static func submit(
        _ name: String,
        after last: MonotonicTime?,
        _ client: RawHTTPClient,
        _ books: Monitor<Books>
    ) -> Bool {
        // The time is that before which the request cannot have been there.
        var sent = MonotonicTime.now
        do {
            let body = Array(Requests.submit(model: name).utf8)
            try client.sendRequest("POST", "/v1/jobs", headers: ["Content-Type": "application/json"], body: body)
            sent = .now
            let answer = try client.readResponse()
            let isLast = answer["connection"]?.lowercased() == "close"
            books.update { books in
                books.answers[answer.status, default: 0] += 1
                if isLast { books.farewells += 1 }
            }
            return isLast
        } catch {
            // Sent to nobody, or not a byte in answer.
            let isEnded =
                error is SystemError || error as? RawHTTPError == .reset
                || error as? RawHTTPError == .closed(received: "")
            books.update { books in
                if isEnded, let last, sent > last.advanced(by: .milliseconds(900)) {
                    books.tooLate += 1
                } else {
                    books.lost.append("\(last == nil ? "first" : "later") request \(name): \(error)")
                }
            }
            return true
        }
    }

    /// What there is so far.
    var current: Books { books.read { $0 } }

    /// Waits until so many requests were answered.
    func waitForAnswers(_ count: Int) -> Bool {
        books.wait(for: .seconds(30)) { $0.answers.values.reduce(0, +) >= count }
    }

    /// Has the clients end after the request that they are at, and waits for them.
    func stop() -> Books {
        books.update { $0.isStopped = true }
        return join()
    }

    /// Waits until each client was refused.
    func join() -> Books {
        for thread in threads { thread.join() }
        return current
    }
}
