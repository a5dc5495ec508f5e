import Glibc

/// How many descriptors this process, and those it starts, may have.
enum DescriptorLimit {
    private static var kind: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }

    /// Raises it as far as it goes; what it then is.
    static func raise() -> Int {
        var limit = rlimit()
        getrlimit(kind, &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(kind, &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
