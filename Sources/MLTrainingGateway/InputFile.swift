import Gateway
import Glibc

/// Files named on the command line.
enum InputFile {
    /// The content of a file of at most `limit` bytes; an endless one such as `/dev/zero` is refused as well.
    ///
    /// Of one that `isSecret` nothing is left in memory but what is returned.
    static func read(_ path: String, limit: Int, isSecret: Bool = false) throws(GatewayError) -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw GatewayError("\(path): \(String(cString: strerror(errno)))") }
        defer { fclose(file) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        defer {
            if isSecret {
                chunk.withUnsafeMutableBytes { bytes in
                    if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
                }
            }
        }
        if isSecret {
            // No buffer of the C library's, and no copies where the array grows.
            setvbuf(file, nil, _IONBF, 0)
            content.reserveCapacity(limit + chunk.count)
        }
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            content += chunk[..<count]
            guard content.count <= limit else { throw GatewayError("\(path): larger than \(limit) bytes") }
            guard count == chunk.count else { break }
        }
        guard ferror(file) == 0 else { throw GatewayError("\(path): \(String(cString: strerror(errno)))") }
        return content
    }
}
