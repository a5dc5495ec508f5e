@preconcurrency import Glibc

/// The environment that the gateway is started with.
enum InputEnvironment {
    /// The variables whose names begin with `prefix`; the others are not copied, since some are secrets.
    ///
    /// Only before there are other threads.
    static func variables(_ prefix: String) -> [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            next += 1
            guard strncmp(entry, prefix, strlen(prefix)) == 0, let equals = strchr(entry, Int32(UInt8(ascii: "=")))
            else { continue }
            let name = UnsafeRawBufferPointer(start: entry, count: equals - entry)
            variables[String(decoding: name, as: UTF8.self)] = String(cString: equals + 1)
        }
        return variables
    }
}
