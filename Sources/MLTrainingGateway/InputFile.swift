import Gateway
import Glibc

/// Files named on the command line.
enum InputFile {
    /// Milliseconds that a pipe has for each piece of its content, so that one without a writer holds nobody up.
    private static let patience: Int32 = 2000

    /// The content of a file of at most `limit` bytes; an endless one such as `/dev/zero` is refused as well.
    ///
    /// Of one that `isSecret` nothing is left in memory but what is returned.
    static func read(_ path: String, limit: Int, isSecret: Bool = false) throws(GatewayError) -> [UInt8] {
        // A named pipe without a writer would not be opened otherwise.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        // No copies of a secret where the array grows.
        if isSecret { content.reserveCapacity(limit + 1) }
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        defer {
            if isSecret {
                chunk.withUnsafeMutableBytes { bytes in
                    if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
                }
            }
        }
        while true {
            let count = try read(descriptor, into: &chunk, path)
            guard count > 0 else { return content }
            guard count <= limit - content.count else { throw GatewayError("\(path): larger than \(limit) bytes") }
            content += chunk[..<count]
        }
    }

    /// Waits for what there is next; 0 at the end.
    private static func read(
        _ descriptor: Int32,
        into chunk: inout [UInt8],
        _ path: String
    ) throws(GatewayError) -> Int {
        while true {
            var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&state, 1, patience)
            if ready == 0 { throw GatewayError("\(path): nothing comes out of it") }
            let count = ready < 0 ? -1 : Glibc.read(descriptor, &chunk, chunk.count)
            if count >= 0 { return count }
            guard errno == EINTR || errno == EAGAIN else { throw failure(path) }
        }
    }

    private static func failure(_ path: String) -> GatewayError {
        GatewayError("\(path): \(String(cString: strerror(errno)))")
    }
}
