import Glibc

/// A small file that whoever starts the service names, read whole.
enum InputFile {
    /// Far above any list of keys or chain of certificates, in bytes.
    private static let maximumSize = 1 << 20

    static func read(_ path: String) throws(InputFileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw InputFileError(file: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while contents.count <= maximumSize {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 {
                return contents
            } else if count > 0 {
                contents += buffer[..<count]
            } else if errno != EINTR {
                throw InputFileError(file: path, reason: String(cString: strerror(errno)))
            }
        }
        throw InputFileError(file: path, reason: "is larger than \(maximumSize) bytes")
    }
}
