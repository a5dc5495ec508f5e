import CAllocationCounter
import Glibc
import ProtobufSchema
import Transcoding

/// Time for each byte, and memory, over inputs that differ by two orders of magnitude.
struct ScalingTable {
    private let schema: Schema
    private let type: MessageIndex
    /// A thousand jobs.
    private let wire: [UInt8]

    init(_ schema: Schema) throws {
        let sample = try Sample("1,000 jobs", SampleMessages.jobs(1000), schema)
        self.schema = schema
        type = sample.type
        wire = sample.wire
    }

    func print() throws {
        Swift.print("\n## Inputs of 1, 10 and 100 MB\n")
        var table = MarkdownTable(
            "input",
            "bytes",
            "output bytes",
            "ms",
            "ns/byte",
            "ms in new memory",
            "peak memory, MB",
            "times in + out"
        )
        for megabytes in [1, 10, 100] { try addRow(megabytes, isPrinting: true, to: &table) }
        for megabytes in [1, 10, 100] { try addRow(megabytes, isPrinting: false, to: &table) }
        Swift.print(table.text)
    }

    private func addRow(_ megabytes: Int, isPrinting: Bool, to table: inout MarkdownTable) throws {
        let input = try input(megabytes * 1_000_000, isPrinting: isPrinting)
        let codec = GatewayCodec(schema)
        let work = {
            try input.withUnsafeBytes {
                if isPrinting { try codec.printJSON($0, type) } else { try codec.readJSON($0, type) }
            }
        }
        allocation_trim()
        let memory = PeakMemory()
        let first = try CPUTime.of(work)
        let peak = memory.growth
        // Once the output has its memory, what is left is the transcoder's own work.
        var samples = Samples()
        for _ in 0..<max(5, 100 / megabytes) { samples.add(try CPUTime.of(work)) }
        let output = codec.outputCount
        table.add(
            isPrinting ? "\(megabytes) MB of wire" : "\(megabytes) MB of JSON",
            "\(input.count)",
            "\(output)",
            (samples.median / 1e6).text(2),
            (samples.median / Double(input.count)).text(2),
            (first / 1e6).text(2),
            peak.map { (Double($0) / 1e6).text(1) } ?? "-",
            peak.map { (Double($0 + input.count) / Double(input.count + output)).text(2) } ?? "-"
        )
    }

    /// Lists of jobs, one after the other: on the wire that is one long list.
    private func input(_ count: Int, isPrinting: Bool) throws -> [UInt8] {
        var bytes: [UInt8] = []
        if isPrinting {
            bytes.reserveCapacity(count + wire.count)
            while bytes.count < count { bytes += wire }
            return bytes
        }
        let codec = GatewayCodec(schema, options: JSONOptions(omitsDefaults: true))
        try wire.withUnsafeBytes { try codec.printJSON($0, type) }
        let list = codec.outputBytes.dropFirst(#"{"jobs":["#.utf8.count).dropLast(2)
        bytes.reserveCapacity(count + list.count + 32)
        bytes += #"{"jobs":["#.utf8
        while bytes.count < count {
            if bytes.last != UInt8(ascii: "[") { bytes.append(UInt8(ascii: ",")) }
            bytes += list
        }
        bytes += "]}".utf8
        return bytes
    }
}

/// How far resident memory grows.
struct PeakMemory {
    private let start: Int?

    init() {
        // Makes the peak start again from here (proc(5), clear_refs).
        if let file = fopen("/proc/self/clear_refs", "w") {
            fputs("5", file)
            fclose(file)
        }
        start = PeakMemory.read("VmHWM:")
    }

    /// Bytes by which the peak exceeds what was in use at the start; nil where /proc does not tell.
    var growth: Int? {
        guard let start, let now = PeakMemory.read("VmHWM:") else { return nil }
        return now - start
    }

    private static func read(_ name: String) -> Int? {
        guard let file = fopen("/proc/self/status", "r") else { return nil }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, file) > 0 {
            guard let line else { return nil }
            let text = String(cString: line)
            guard text.hasPrefix(name) else { continue }
            let digits = text.filter(\.isWholeNumber)
            return Int(digits).map { $0 * 1024 }
        }
        return nil
    }
}
