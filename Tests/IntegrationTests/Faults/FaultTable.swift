/// The faults that tests show, as `docs/faults.md` lists them.
enum FaultTable {
    struct Section: Sendable {
        let title: String
        let faults: [Fault]
    }

    static let scripted = [
        Section(title: "The connection is lost", faults: ConnectionFaults.lost),
        Section(title: "No usable connection", faults: ConnectionFaults.unusable),
        Section(title: "GOAWAY", faults: ConnectionFaults.goAway),
        Section(title: "Refused streams", faults: StreamFaults.refused),
        Section(title: "Streams that are reset", faults: StreamFaults.reset),
        Section(title: "Stalls", faults: StreamFaults.stalled),
        Section(title: "Frames that end the connection", faults: FrameFaults.connectionErrors),
        Section(title: "Frames that end the stream", faults: FrameFaults.streamErrors),
        Section(title: "Frames that do no harm", faults: FrameFaults.harmless),
        Section(title: "Malformed gRPC", faults: AnswerFaults.grpc),
        Section(title: "Malformed protobuf", faults: AnswerFaults.protobuf),
        Section(title: "Answers that are not gRPC", faults: AnswerFaults.http),
    ]

    static let scenarios = [
        KilledUpstreamTests.scenario, ReplacedConnectionTests.inOneStep, ReplacedConnectionTests.inTwoSteps,
        ReplacedConnectionTests.byAge, NarrowUpstreamTests.oneStream, NarrowUpstreamTests.tenStreams,
        NarrowUpstreamTests.window, LargeAnswerTests.logs, LargeAnswerTests.jobs, PeerTests.unavailable, PeerTests.late,
    ]

    // MARK: Markdown

    static var markdown: String {
        var lines = heading("Many calls at once, and other implementations of gRPC", "Fault", "Servers")
        lines += scenarios.map { scenario in
            row(
                scenario.name,
                scenario.servers,
                cell(scenario.submit),
                scenario.submit.isEmpty ? "" : "\(scenario.reached)",
                cell(scenario.read),
                "`\(scenario.test)`"
            )
        }
        for section in scripted {
            lines += heading(section.title, "Fault")
            lines += section.faults.map { fault in
                row(fault.name, "\(fault.submit)", "\(fault.reached)", "\(fault.read)", "`ScriptedFaultTests`")
            }
        }
        lines += heading("TLS", "Fault")
        lines += TLSFault.all.map { row($0.name, "\($0.view)", "0", "\($0.view)", "`TLSFaultTests`") }
        return lines.joined(separator: "\n")
    }

    private static func heading(_ title: String, _ columns: String...) -> [String] {
        let columns = columns + ["A submit gets", "Reached", "A read gets", "Test"]
        return ["", "### \(title)", "", row(columns), row(columns.map { $0 == "Reached" ? "--:" : "---" })]
    }

    private static func cell(_ views: [ClientView]) -> String {
        views.map(\.description).joined(separator: ", or ")
    }

    private static func row(_ cells: String...) -> String { row(cells) }

    private static func row(_ cells: [String]) -> String {
        "| " + cells.joined(separator: " | ") + " |"
    }
}
