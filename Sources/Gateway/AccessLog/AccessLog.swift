internal import Bytes
internal import EventLoop
internal import Glibc
package import Logging
internal import RPCCore

/// The access log of all workers: a queue, and a thread that writes what is in it.
///
/// A sink that takes nothing holds that thread and nobody else; what does not fit into the queue meanwhile is dropped
/// and counted. An error of the sink, such as a full disk, loses lines and is told once in a while.
package final class AccessLog: Sendable {
    /// Most bytes that wait to be written.
    static let maximumBytes = 8 << 20
    /// Seconds that the last lines have to be written.
    private static let lastWords = 3

    let format: AccessLogConfiguration.Format
    private let queue = LogQueue(maximumBytes: AccessLog.maximumBytes)
    private let path: String?
    private let logger: Logger
    /// Where the file is open before there is a thread to write to it.
    private let descriptor: Int32
    private let warnings: WarningLimit

    /// Opens the file that is named.
    package init(_ configuration: AccessLogConfiguration, logger: Logger) throws(GatewayError) {
        format = configuration.format
        path = configuration.path
        self.logger = logger
        warnings = WarningLimit(interval: 60_000_000_000) { logger.error("\($0)") }
        guard let path else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = AccessLog.open(path)
        guard descriptor >= 0 else {
            throw GatewayError("\(path): \(String(cString: strerror(errno)))")
        }
    }

    /// Starts writing.
    func start() throws(GatewayError) {
        do throws(UVError) {
            try LoopThread { self.run() }.detach()
        } catch {
            throw GatewayError("\(error)")
        }
    }

    /// Takes a batch of lines, from any worker.
    func put(_ batch: LogBatch) {
        queue.put(batch)
    }

    /// Lines that could not be written so far; from any thread.
    var droppedLines: UInt64 { queue.droppedLines }

    /// Opens the file anew, as after a rotation, behind the lines that there are; from any thread.
    package func reopen() {
        if path != nil { queue.reopen() }
    }

    /// Writes what there is, and ends.
    ///
    /// A sink that takes nothing is waited for no longer than a few seconds.
    func close() {
        queue.close()
        if !queue.waitForEnd(seconds: AccessLog.lastWords) {
            logger.error("the access log takes no more lines; the last ones are lost")
        }
    }

    // MARK: - The thread

    private func run() {
        var sink = LogSink(descriptor, isOwned: path != nil)
        while true {
            switch queue.next() {
            case .write(let batches):
                for batch in batches {
                    let problem = sink.write(batch.text.bytes)
                    queue.finish(batch, isWritten: problem == nil)
                    if let problem { warn("cannot write to the access log: \(problem)") }
                }
            case .reopen:
                guard let path else { break }
                let next = AccessLog.open(path)
                if next >= 0 {
                    sink = LogSink(next, isOwned: true)
                } else {
                    warn("cannot reopen the access log \(path): \(String(cString: strerror(errno)))")
                }
            case .end:
                return queue.noteEnd()
            }
        }
    }

    private func warn(_ text: String) {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        warnings.warn(text, now: Deadline(nanoseconds: UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)))
    }

    private static func open(_ path: String) -> Int32 {
        // A named pipe without a reader would otherwise be waited for.
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        let descriptor = Glibc.open(path, flags, 0o640)
        if descriptor >= 0 { _ = fcntl(descriptor, F_SETFL, O_APPEND) }
        return descriptor
    }
}
