internal import CLinux
internal import Glibc

/// How the process's memory comes from the system and goes back to it.
package enum ProcessMemory {
    /// Blocks from this size on are the system's again as soon as they are freed.
    private static let largeBlock: Int32 = 256 << 10
    /// Bytes that may lie unused at the end of a thread's heap, of messages of the size that is usual.
    ///
    /// Each page that has gone back to the system is zeroed anew when it is needed again.
    private static let unusedEnd: Int32 = 2 << 20

    /// Keeps what a few large messages took from staying with the process; those that follow each other closely get
    /// theirs from ``HTTPServer``.
    ///
    /// By itself, glibc's malloc takes a large block that was freed as a sign to keep such ones, up to 32 MiB, in the heaps
    /// of the threads, between whose small blocks they leave holes (mallopt(3), `M_MMAP_THRESHOLD`, `M_TRIM_THRESHOLD`).
    static func giveBackLargeBlocks() {
        mallopt(M_MMAP_THRESHOLD, largeBlock)
        mallopt(M_TRIM_THRESHOLD, unusedEnd)
    }

    /// Gives back what reading a configuration took and has let go of again, the documents of the API above all.
    ///
    /// They are small blocks, which malloc would keep for more of them that never come.
    static func giveBackFreed() {
        malloc_trim(0)
    }

    /// Gives back what start-up has read of the program and its libraries: options, documents, certificates.
    ///
    /// What is needed on comes back from the page cache with the next request. Code is read alone, unless there is a debugger,
    /// whose breakpoints would be lost.
    package static func giveBackCode() {
        guard !isTraced else { return }
        for line in ProcessStatistics.read("/proc/self/maps").split(separator: "\n") {
            // START-END PERMISSIONS OFFSET DEVICE INODE PATH (proc(5)).
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            guard fields.count == 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { continue }
            let bounds = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard bounds.count == 2, bounds[0] < bounds[1] else { continue }
            madvise(UnsafeMutableRawPointer(bitPattern: bounds[0]), Int(bounds[1] - bounds[0]), MADV_DONTNEED)
        }
    }

    private static var isTraced: Bool {
        !ProcessStatistics.read("/proc/self/status").split(separator: "\n").contains("TracerPid:\t0")
    }
}
