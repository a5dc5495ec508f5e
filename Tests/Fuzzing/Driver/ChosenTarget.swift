import FuzzTargets
import Glibc

/// The target that `FUZZ_TARGET` names: libFuzzer keeps the arguments to itself, and runs itself again to merge.
enum ChosenTarget {
    static var names: String { FuzzTargets.all.map(\.name).joined(separator: "|") }

    /// Nil if there is no such target.
    static func make() throws -> (any FuzzTarget)? {
        guard let name = getenv("FUZZ_TARGET") else { return nil }
        return try FuzzTargets.target(named: String(cString: name))?.init()
    }
}
