import Gateway
import Glibc

/// Secrets that the gateway is started with.
enum SecretInput {
    /// Most bytes of a file with one secret.
    static let maximumFileSize = 4096
    /// Most bytes of a file with clients' tokens.
    static let maximumTokenFileSize = 2 << 20

    /// The content of a file without the byte order mark and the line's end that editors put there.
    static func read(_ path: String) throws(GatewayError) -> [UInt8] {
        var content = try InputFile.read(path, limit: maximumFileSize, isSecret: true)
        if content.starts(with: [0xEF, 0xBB, 0xBF]) { content.removeFirst(3) }
        if content.last == UInt8(ascii: "\n") { content.removeLast() }
        if content.last == UInt8(ascii: "\r") { content.removeLast() }
        guard !content.isEmpty else { throw GatewayError("\(path): the file is empty") }
        return content
    }

    /// Overwrites a secret that is used no more; it must have no other owner.
    static func wipe(_ secret: inout [UInt8]?) {
        secret?.withUnsafeMutableBytes { bytes in
            if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
        }
        secret = nil
    }

    /// Takes a variable out of the environment, nil if it is not there.
    ///
    /// Its bytes go too: `/proc/PID/environ` shows the memory, whatever became of the variable. Only before there are
    /// other threads.
    static func takeVariable(_ name: String) -> [UInt8]? {
        guard let value = getenv(name) else { return nil }
        let size = strlen(value)
        let bytes = UnsafeRawBufferPointer(start: value, count: size).map(\.self)
        explicit_bzero(value, size)
        unsetenv(name)
        return bytes
    }
}
