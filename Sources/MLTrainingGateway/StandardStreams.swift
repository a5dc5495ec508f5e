import Bytes
import Gateway
import Glibc

/// Standard input and output, in bytes.
enum StandardStreams {
    /// Largest input that is read as a whole, in bytes; protobuf's own limit is twice that.
    static let maximumInputBytes = 1 << 30
    private static let chunk = 64 << 10

    /// Everything on standard input.
    static func readAll() throws(GatewayError) -> ByteBuffer {
        var input = ByteBuffer()
        while try read(into: &input) {
            guard input.count <= maximumInputBytes else {
                throw GatewayError("the input is larger than \(maximumInputBytes) bytes")
            }
        }
        return input
    }

    /// Appends what there is to read, and waits for it if need be; false at the end of the input.
    static func read(into buffer: inout ByteBuffer) throws(GatewayError) -> Bool {
        buffer.reserve(chunk)
        while true {
            let count = Glibc.read(STDIN_FILENO, buffer.spare, chunk)
            if count >= 0 {
                buffer.advance(by: count)
                return count > 0
            }
            guard errno == EINTR else {
                throw GatewayError("cannot read standard input: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Tells the operator something, in one line and one write.
    static func warn(_ text: String) { complain("mltraining-gateway: warning: \(text)") }

    /// Writes `text` and a newline to standard error, in one write.
    static func complain(_ text: String) {
        let line = Array("\(text)\n".utf8)
        // Where nobody listens, nothing can be done about it.
        _ = Glibc.write(STDERR_FILENO, line, line.count)
    }

    /// Writes all of `text` to standard output.
    static func write(_ text: String) throws(GatewayError) {
        var buffer = ByteBuffer()
        buffer.append(utf8: text)
        try write(buffer.bytes)
    }

    /// Writes all of `bytes` to standard output.
    static func write(_ bytes: UnsafeRawBufferPointer) throws(GatewayError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw GatewayError("cannot write to standard output: \(String(cString: strerror(errno)))")
            }
        }
    }
}
