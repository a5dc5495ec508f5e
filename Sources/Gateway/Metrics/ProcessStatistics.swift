internal import Glibc

/// What the kernel knows of this process, under the names that Prometheus' own clients use.
struct ProcessStatistics {
    private(set) var cpuNanoseconds: UInt64 = 0
    private(set) var residentBytes: UInt64 = 0
    private(set) var virtualBytes: UInt64 = 0
    private(set) var openDescriptors: UInt64 = 0
    private(set) var maximumDescriptors: UInt64 = 0
    /// Nanoseconds since 1970.
    private(set) var startTime: UInt64 = 0

    /// Reads `/proc`; what cannot be read stays 0.
    init() {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        cpuNanoseconds = UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        // proc(5): behind the command's name, which is in parentheses and may hold any byte, fields 3 and on.
        let stat = ProcessStatistics.read("/proc/self/stat")
        let fields = (stat.lastIndex(of: ")").map { stat[stat.index(after: $0)...] } ?? "").split(separator: " ")
        if fields.count > 21 {
            virtualBytes = UInt64(fields[20]) ?? 0
            residentBytes = (UInt64(fields[21]) ?? 0) * UInt64(max(0, sysconf(Int32(_SC_PAGESIZE))))
            startTime = ProcessStatistics.wallClock(ticksSinceBoot: UInt64(fields[19]) ?? 0)
        }
        openDescriptors = ProcessStatistics.countDescriptors()
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            maximumDescriptors = UInt64(limit.rlim_cur)
        }
    }

    private static func wallClock(ticksSinceBoot ticks: UInt64) -> UInt64 {
        let boot = read("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
        guard let boot, let seconds = UInt64(boot.dropFirst(6)) else { return 0 }
        let rate = UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))
        return seconds * 1_000_000_000 + ticks * (1_000_000_000 / rate)
    }

    private static func countDescriptors() -> UInt64 {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count: UInt64 = 0
        while readdir(folder) != nil { count += 1 }
        // `.`, `..` and the folder's own.
        return count > 3 ? count - 3 : 0
    }

    /// `RUSAGE_THREAD`, which Swift's Glibc module leaves out.
    private static let threadUsage = __rusage_who_t(1)

    /// Times that the calling thread had to make room for others on its core (getrusage(2), `ru_nivcsw`).
    static var preemptionsOfThread: Int {
        var usage = rusage()
        getrusage(threadUsage, &usage)
        return usage.ru_nivcsw
    }

    /// What is in a file of `/proc`; empty if it cannot be read.
    static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while text.count < 1 << 20 {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { break }
            text += chunk[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }
}
