import Glibc

/// The environment of this process.
package enum Environment {
    package static subscript(name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// All variables, from `/proc`, whose view is that of the start.
    static var current: [String: String] {
        let bytes = (try? FileBytes.read("/proc/self/environ")) ?? []
        var variables: [String: String] = [:]
        for entry in bytes.split(separator: 0) {
            guard let separator = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(decoding: entry[..<separator], as: UTF8.self)
            variables[name] = String(decoding: entry[entry.index(after: separator)...], as: UTF8.self)
        }
        return variables
    }
}
