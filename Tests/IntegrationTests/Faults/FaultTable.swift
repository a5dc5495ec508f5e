/// The faults that tests show, in the sections of `docs/faults.md`.
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
}
