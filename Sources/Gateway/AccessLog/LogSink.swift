internal import Glibc

/// Where lines end up: a descriptor, written to by one thread.
struct LogSink: ~Copyable {
    private let descriptor: Int32
    private let isOwned: Bool
    /// The last write broke off within a line.
    private var isWithinLine = false

    /// Closes `descriptor` at its end if it `isOwned`.
    init(_ descriptor: Int32, isOwned: Bool) {
        self.descriptor = descriptor
        self.isOwned = isOwned
    }

    deinit {
        if isOwned { Glibc.close(descriptor) }
    }

    /// Writes whole lines, and waits where it has to.
    ///
    /// - Returns: what went wrong, nil for nothing.
    mutating func write(_ lines: UnsafeRawBufferPointer) -> String? {
        if isWithinLine {
            let newline: [UInt8] = [UInt8(ascii: "\n")]
            let problem = newline.withUnsafeBytes { writeAll($0) }
            if let problem { return problem }
            isWithinLine = false
        }
        return writeAll(lines)
    }

    private mutating func writeAll(_ bytes: UnsafeRawBufferPointer) -> String? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count >= 0 {
                rest = rest.dropFirst(count)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                // Whoever gave us the descriptor does not want it to block.
                var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&state, 1, 1000)
            default:
                isWithinLine = isWithinLine || (rest.startIndex > 0 && bytes[rest.startIndex - 1] != UInt8(ascii: "\n"))
                return String(cString: strerror(errno))
            }
        }
        return nil
    }
}
