import Glibc

@testable import GatewayTesting

/// Accepts one connection, reads until it has seen `marker` or the end, answers with fixed bytes, and ends as told.
final class OneShotServer: Sendable {
    let port: UInt16
    private let received = Monitor([UInt8]())
    private let thread: BackgroundThread

    /// Answers in the given pieces with a short pause between them.
    init(answering pieces: [String], after marker: String, ending: ConnectionBehavior.Ending = .close) throws {
        let (listener, port) = try Sockets.listen(port: 0)
        self.port = port
        let received = received
        thread = try BackgroundThread {
            defer { close(listener) }
            var watched = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            poll(&watched, 1, 5000)
            guard let descriptor = Sockets.accept(from: listener) else { return }
            OneShotServer.read(descriptor, until: Array(marker.utf8), into: received)
            for piece in pieces {
                _ = send(descriptor, piece, piece.utf8.count, Int32(MSG_NOSIGNAL))
                usleep(2000)
            }
            switch ending {
            case .close: close(descriptor)
            case .abort: Sockets.abort(descriptor)
            case .no:
                OneShotServer.read(descriptor, until: [], into: received)
                close(descriptor)
            }
        }
    }

    deinit {
        thread.join()
    }

    var text: String { received.read { String(decoding: $0, as: UTF8.self) } }

    /// Reads until the bytes end in `marker`, or to the end if it is empty.
    private static func read(_ descriptor: Int32, until marker: [UInt8], into received: Monitor<[UInt8]>) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while marker.isEmpty || !received.read({ $0.suffix(marker.count).elementsEqual(marker) }) {
            var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&watched, 1, 5000) > 0 else { return }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            received.update { $0 += buffer[..<count] }
        }
    }
}
