import Bytes
import HTTPRules
import ProtobufSchema
import Transcoding

/// Inputs made to cost more than they are worth: each ends soon, in an error or in its right answer.
struct HostileTable {
    /// Nanoseconds for each byte that no input may exceed; ordinary ones take about two.
    private static let limit = 50.0

    private let schema: Schema
    private let routes: RouteTable
    private let job: MessageIndex
    private let status: MessageIndex

    init(_ schema: Schema, _ routes: RouteTable) throws {
        guard let job = schema.message(named: "viam.app.mltraining.v1.TrainingJobMetadata"),
            let status = schema.message(named: "google.rpc.Status")
        else { throw WrongOutput(message: "the schema has no job") }
        self.schema = schema
        self.routes = routes
        self.job = job
        self.status = status
    }

    func print() throws {
        Swift.print("\n## Hostile inputs\n")
        var table = MarkdownTable("input", "bytes", "ms", "ns/byte", "soon", "result")
        for (name, input) in HostileInputs.json { addJSON(name, input, ignoring: false, to: &table) }
        for (name, input) in HostileInputs.ignoredJSON { addJSON(name, input, ignoring: true, to: &table) }
        for (name, input) in HostileInputs.wire {
            add(name, input, to: &table) { codec, bytes in try codec.printJSON(bytes, self.job) }
        }
        for (name, input) in HostileInputs.paths { addPath(name, input, to: &table) }
        Swift.print(table.text)
    }

    private func addJSON(_ name: String, _ input: [UInt8], ignoring: Bool, to table: inout MarkdownTable) {
        // Only the job has maps and only the status recurses, through its details.
        let type = input.starts(with: #"{"details""#.utf8) ? status : job
        add(name, input, ignoring: ignoring, to: &table) { codec, bytes in try codec.readJSON(bytes, type) }
    }

    private func add(
        _ name: String,
        _ input: [UInt8],
        ignoring: Bool = false,
        to table: inout MarkdownTable,
        _ work: (GatewayCodec, UnsafeRawBufferPointer) throws -> Void
    ) {
        let codec = GatewayCodec(schema, ignoresUnknownFields: ignoring)
        var result = ""
        let taken = CPUTime.of {
            do {
                try input.withUnsafeBytes { try work(codec, $0) }
                result = "\(codec.outputCount) bytes"
            } catch {
                result = "error: \(error)"
            }
        }
        addRow(name, input.count, taken, result, to: &table)
    }

    private func addPath(_ name: String, _ input: [UInt8], to table: inout MarkdownTable) {
        var captures = PathCaptures()
        let method = Array("GET".utf8)
        var match = RouteMatch.notFound
        let taken = CPUTime.of {
            input.withUnsafeBytes { path in
                match = method.withUnsafeBytes { routes.match(method: $0, path: path, captures: &captures) }
            }
        }
        addRow(name, input.count, taken, "\(match)", to: &table)
    }

    private func addRow(
        _ name: String,
        _ count: Int,
        _ nanoseconds: Double,
        _ result: String,
        to table: inout MarkdownTable
    ) {
        let perByte = nanoseconds / Double(max(count, 1))
        table.add(
            name,
            "\(count)",
            (nanoseconds / 1e6).text(2),
            perByte.text(2),
            perByte < HostileTable.limit ? "pass" : "FAIL",
            result.count <= 72 ? result : result.prefix(71) + "…"
        )
    }
}
