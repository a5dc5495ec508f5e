import Glibc

/// Where the package's executables are, seen from its tests.
package enum BuiltProduct {
    /// The path of the executable `name`.
    ///
    /// An environment variable of that name in capitals with `EXECUTABLE_` before it wins, such as
    /// `EXECUTABLE_MLTRAINING_GATEWAY`, so that a build with a sanitizer can be tested. Otherwise it lies beside the
    /// test bundle. (The gateway takes variables that begin with `MLTRAINING_GATEWAY_` for settings.)
    package static func path(_ name: String) -> String {
        let variable = "EXECUTABLE_" + name.uppercased().split(separator: "-").joined(separator: "_")
        if let path = Environment[variable], !path.isEmpty { return path }
        return directory + "/" + name
    }

    /// The folder that the build has put products into.
    package static var directory: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 }
    }
}
