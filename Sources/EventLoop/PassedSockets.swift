internal import CLibUV
internal import Glibc

/// The sockets that the process was started with, by systemd or another that keeps to its protocol (sd_listen_fds(3)).
///
/// `LISTEN_FDS` is their number; the descriptors follow on from 3. `LISTEN_PID` says whom they are for, and
/// `LISTEN_FDNAMES` has their names, colons between them.
package struct PassedSockets: Sendable {
    private static let first: Int32 = 3
    /// More than any unit has.
    private static let maximumCount: Int32 = 1024
    private static let variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]

    /// By the number of the descriptor, less ``first``.
    private let names: [String]

    /// Takes the sockets out of the environment, so that nobody else takes them too.
    ///
    /// Only before there are other threads; later there is nothing there any more.
    package static func take() -> PassedSockets {
        let values = variables.map { name in getenv(name).map { String(cString: $0) } }
        for name in variables { unsetenv(name) }
        return PassedSockets(process: values[0], count: values[1], names: values[2])
    }

    /// Reads the values of the variables; those for another process are none.
    package init(process: String?, count: String?, names: String?) {
        guard let process, pid_t(process) == getpid(), let passed = count.flatMap(Int32.init), passed > 0 else {
            self.names = []
            return
        }
        let given = names?.split(separator: ":", omittingEmptySubsequences: false).map(String.init) ?? []
        // The name that systemd gives to a socket without one is "unknown".
        self.names = (0..<Int(min(passed, PassedSockets.maximumCount))).map { $0 < given.count ? given[$0] : "unknown" }
    }

    package var isEmpty: Bool { names.isEmpty }

    /// The socket of this name, or the only one where `name` is nil.
    package func socket(named name: String?) throws(AddressError) -> PassedSocket {
        guard !isEmpty else {
            throw AddressError(
                description: "no socket was passed to this process (LISTEN_FDS and LISTEN_PID, as systemd sets them)"
            )
        }
        let found = names.indices.filter { name == nil || names[$0] == name }
        guard found.count == 1, let index = found.first else {
            let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
            throw AddressError(
                description: name.map { "\(found.isEmpty ? "no" : "more than one") passed socket is named \"\($0)\"" }
                    .map { "\($0); there are \(list)" }
                    ?? "\(names.count) sockets were passed; choose one by systemd:NAME, of \(list)"
            )
        }
        return try PassedSocket(PassedSockets.first + Int32(index), name: names[index])
    }
}
