internal import Glibc

/// How many files and sockets the process may have open.
enum DescriptorLimit {
    /// Raises the limit in effect as far as the administrator's allows (getrlimit(2)).
    ///
    /// Shells and service managers start programs with 1,024, for the sake of those that use `select`. A failure leaves it
    /// as it was: connections beyond it wait to be accepted.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(kind, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(kind, &limit)
    }

    private static var kind: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
}
