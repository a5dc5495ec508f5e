import Glibc

/// What a running process has used so far, from `/proc`.
package struct ProcessUsage: Sendable {
    /// CPU time in user mode and in the kernel, in the kernel's ticks, usually of 10 ms.
    package let user: Duration
    package let system: Duration
    /// Memory now and at its peak.
    package let residentBytes: Int
    package let peakResidentBytes: Int
    package let openDescriptors: Int

    package var cpu: Duration { user + system }

    /// Reads the usage of `pid`; nil where there is no such process (proc(5)).
    package init?(pid: Int32) {
        guard let stat = try? FileBytes.read("/proc/\(pid)/stat"),
            let status = try? FileBytes.read("/proc/\(pid)/status")
        else { return nil }
        // The name, in parentheses, may hold blanks and parentheses of its own.
        guard let end = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = String(decoding: stat[(end + 1)...], as: UTF8.self).split(separator: " ")
        guard fields.count > 12, let user = Int64(fields[11]), let system = Int64(fields[12]) else { return nil }
        let tick = Duration.seconds(1) / max(sysconf(Int32(_SC_CLK_TCK)), 1)
        self.user = tick * Int(user)
        self.system = tick * Int(system)
        let lines = String(decoding: status, as: UTF8.self).split(separator: "\n")
        let kibibytes = { (name: String) -> Int in
            lines.first { $0.hasPrefix(name) }.flatMap { line in
                line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }
            } ?? 0
        }
        residentBytes = kibibytes("VmRSS:") * 1024
        peakResidentBytes = kibibytes("VmHWM:") * 1024
        openDescriptors = ProcessUsage.countEntries("/proc/\(pid)/fd")
    }

    private static func countEntries(_ path: String) -> Int {
        guard let directory = opendir(path) else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // The folder itself and its parent.
        return max(count - 2, 0)
    }
}
