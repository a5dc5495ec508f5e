internal import CLinux
import Glibc

/// A program under test: started, listened to, signalled, waited for and never left behind.
///
/// Two threads serve it: one reads its output, so a full pipe never stops it, one waits for its end, so no zombie
/// stays. Dropping the last reference kills it. Callable from any thread.
package final class ChildProcess: Sendable {
    /// How a process ended.
    package enum Exit: Hashable, Sendable {
        case code(Int32)
        case signal(Int32)
    }

    /// One of the two streams that it writes.
    package enum Stream: Hashable, Sendable {
        case output, error
    }

    /// Why something that was waited for did not come, with what the process had said by then.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private struct State: Sendable {
        var exit: Exit?
        var lines: [(stream: Stream, text: String)] = []
        /// Bytes after the last newline.
        var partial: [Stream: [UInt8]] = [:]
        var openStreams: Set<Stream> = [.output, .error]
        /// Write end of the process's standard input, -1 once closed.
        var input: Int32
    }

    package let executable: String
    package let pid: Int32
    private let state: Monitor<State>
    private let reader: BackgroundThread
    private let waiter: BackgroundThread

    /// Starts `executable` with exactly these arguments.
    ///
    /// - Parameters:
    ///   - executable: its path.
    ///   - arguments: all but the zeroth.
    ///   - environment: added to the caller's, which it overrides.
    ///   - descriptors: of this process, which it gets as its own from 3 on.
    /// - Throws: ``SystemError`` where the program cannot be started.
    package init(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        descriptors: [Int32] = []
    ) throws(SystemError) {
        let pipes = try ChildPipes()
        let pid = try ChildProcess.spawn(executable, arguments, environment, pipes, descriptors)
        let (input, output, error) = pipes.takeParentEnds()
        let state = Monitor(State(input: input))
        self.executable = executable
        self.pid = pid
        self.state = state
        do throws(SystemError) {
            reader = try BackgroundThread { ChildProcess.read([(.output, output), (.error, error)], into: state) }
            waiter = try BackgroundThread { ChildProcess.wait(for: pid, into: state) }
        } catch {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
            throw error
        }
    }

    deinit {
        signal(SIGKILL)
        closeInput()
        waiter.join()
        // Not joined: a grandchild may hold the pipes open, and the reader keeps nothing but its own state alive.
        if state.read({ $0.openStreams.isEmpty }) { reader.join() }
    }

    // MARK: Talking to it

    /// Sends a signal unless it has ended; says whether it was sent.
    @discardableResult
    package func signal(_ signal: Int32) -> Bool {
        // Under the lock the waiter cannot reap it, so the number is still its own.
        state.update { state in state.exit == nil && kill(pid, signal) == 0 }
    }

    /// Writes to its standard input, blocking.
    ///
    /// - Throws: ``SystemError`` with EPIPE or EBADF where nobody reads any more.
    package func write(_ text: String) throws(SystemError) {
        let descriptor = state.read { $0.input }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw SystemError("write to \(executable)")
            }
        }
    }

    /// Ends its standard input.
    package func closeInput() {
        state.update { state in
            if state.input >= 0 { close(state.input) }
            state.input = -1
        }
    }

    // MARK: Listening to it

    package var isRunning: Bool { state.read { $0.exit == nil } }

    /// What it has written so far, by line, without newlines.
    package func lines(_ stream: Stream) -> [String] {
        state.read { state in state.lines.filter { $0.stream == stream }.map(\.text) }
    }

    /// Both streams so far, lines in the order of their arrival, for messages.
    package var transcript: String {
        state.read { state in state.lines.map(\.text).joined(separator: "\n") }
    }

    /// Waits for the first line, of either stream, that starts with `prefix`, and returns what follows it.
    ///
    /// - Throws: ``Failure`` after `timeout`, or as soon as the process has ended without the line.
    package func waitForLine(prefix: String, timeout: Duration = .seconds(10)) throws(Failure) -> String {
        let isFound = { (state: State) in state.lines.contains { $0.text.hasPrefix(prefix) } }
        _ = state.wait(for: timeout) { isFound($0) || ($0.exit != nil && $0.openStreams.isEmpty) }
        let line = state.read { state in state.lines.first { $0.text.hasPrefix(prefix) }?.text }
        guard let line else {
            throw Failure(description: "\(executable) never said \"\(prefix)\" \(fate), but:\n\(transcript)")
        }
        return String(line.dropFirst(prefix.count))
    }

    /// Waits for its end and, within the same time, for the last of its output.
    ///
    /// - Throws: ``Failure`` if it still runs after `timeout`.
    @discardableResult
    package func waitForExit(timeout: Duration = .seconds(10)) throws(Failure) -> Exit {
        _ = state.wait(for: timeout) { $0.exit != nil && $0.openStreams.isEmpty }
        guard let exit = state.read({ $0.exit }) else {
            throw Failure(description: "\(executable) did not end within \(timeout):\n\(transcript)")
        }
        return exit
    }

    /// SIGTERM, then SIGKILL if it has not ended within `grace`.
    @discardableResult
    package func terminate(grace: Duration = .seconds(10)) throws(Failure) -> Exit {
        signal(SIGTERM)
        _ = state.wait(for: grace) { $0.exit != nil }
        signal(SIGKILL)
        return try waitForExit()
    }

    private var fate: String {
        guard let exit = state.read({ $0.exit }) else { return "in time" }
        return "before it ended with \(exit)"
    }

    // MARK: Its two threads, and how it starts

    private static func wait(for pid: pid_t, into state: Monitor<State>) {
        var information = siginfo_t()
        // Leaves it a zombie until the lock is held, so that no signal can go to a number used anew.
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        state.update { state in
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            let signal = status & 0x7F
            state.exit = signal == 0 ? .code(status >> 8 & 0xFF) : .signal(signal)
        }
    }

    private static func read(_ sources: [(stream: Stream, descriptor: Int32)], into state: Monitor<State>) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var open = sources
        while !open.isEmpty {
            var watched = open.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            guard poll(&watched, nfds_t(watched.count), -1) > 0 else { continue }
            for (source, watch) in zip(open, watched) where watch.revents != 0 {
                let count = Glibc.read(source.descriptor, &buffer, buffer.count)
                if count > 0 {
                    state.update { take(buffer[..<count], from: source.stream, into: &$0) }
                } else if count == 0 || errno != EINTR {
                    close(source.descriptor)
                    open.removeAll { $0.descriptor == source.descriptor }
                    state.update { state in
                        if state.partial[source.stream]?.isEmpty == false {
                            take([0x0A], from: source.stream, into: &state)
                        }
                        state.openStreams.remove(source.stream)
                    }
                }
            }
        }
    }

    private static func take(_ bytes: ArraySlice<UInt8>, from stream: Stream, into state: inout State) {
        var pieces = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard let rest = pieces.popLast() else { return }
        for piece in pieces {
            let line = (state.partial[stream] ?? []) + piece
            state.partial[stream] = []
            state.lines.append((stream, String(decoding: line, as: UTF8.self)))
        }
        state.partial[stream, default: []] += rest
    }

    private static func spawn(
        _ executable: String,
        _ arguments: [String],
        _ environment: [String: String],
        _ pipes: borrowing ChildPipes,
        _ descriptors: [Int32]
    ) throws(SystemError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipes.childInput, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, pipes.childOutput, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, pipes.childError, STDERR_FILENO)
        // From copies above all targets, so that none is overwritten before its turn.
        let copies = descriptors.map { fcntl($0, F_DUPFD_CLOEXEC, 64) }
        defer { for copy in copies { close(copy) } }
        for (index, copy) in copies.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, copy, STDERR_FILENO + 1 + Int32(index))
        }

        // A test runner may ignore or block signals; what it starts should begin with a clean slate.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let variables = Environment.current.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
        var pid: pid_t = 0
        let code = CStrings.with([executable] + arguments) { argv in
            CStrings.with(variables) { envp in posix_spawn(&pid, executable, &actions, &attributes, argv, envp) }
        }
        guard code == 0 else { throw SystemError("start \(executable)", code: code) }
        return pid
    }
}
