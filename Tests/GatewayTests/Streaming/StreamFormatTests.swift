import Bytes
import Testing

@testable import Gateway

@Suite
struct StreamFormatTests {
    @Test(arguments: [
        (nil, StreamFormat.lines), ("*/*", .lines), ("application/x-ndjson", .lines), ("application/jsonl", .lines),
        ("application/ndjson", .lines), ("application/json", .array), ("text/event-stream", .events),
        ("text/event-stream, */*;q=0.5", .events), ("image/png", .lines),
    ])
    func followsAccept(accept: String?, expected: StreamFormat) {
        let format =
            accept.map { Array($0.utf8).withUnsafeBytes { StreamFormat(accept: $0) } } ?? StreamFormat(accept: nil)
        #expect(format == expected)
    }

    @Test(arguments: [
        (StreamFormat.lines, ["{1}", "{2}"], "{1}\n{2}\n"), (.lines, [], ""),
        (.array, ["{1}", "{2}"], "[{1}\n,{2}\n]\n"), (.array, ["{1}"], "[{1}\n]\n"), (.array, [], "[]\n"),
        (.events, ["{1}", "{2}"], "data: {1}\n\ndata: {2}\n\nevent: end\ndata: {}\n\n"),
        (.events, [], "event: end\ndata: {}\n\n"),
    ])
    func framesAStreamThatEndsWell(format: StreamFormat, records: [String], expected: String) {
        var output = frame(records, as: format)
        format.appendEnd(isEmpty: records.isEmpty, to: &output)
        #expect(text(output) == expected)
    }

    @Test(arguments: [
        (StreamFormat.lines, ["{1}"], "{1}\n{e}\n"), (.array, ["{1}"], "[{1}\n,{e}\n]\n"),
        (.events, ["{1}"], "data: {1}\n\nevent: error\ndata: {e}\n\n"),
    ])
    func endsWithTheError(format: StreamFormat, records: [String], expected: String) {
        var output = frame(records, as: format)
        var document = ByteBuffer()
        document.append("{e}")
        format.appendError(document, to: &output)
        #expect(text(output) == expected)
    }

    private func frame(_ records: [String], as format: StreamFormat) -> ByteBuffer {
        var output = ByteBuffer()
        for (index, record) in records.enumerated() {
            format.appendPrefix(isFirst: index == 0, to: &output)
            output.append(utf8: record)
            format.appendSuffix(to: &output)
        }
        return output
    }

    private func text(_ buffer: borrowing ByteBuffer) -> String {
        String(decoding: buffer.bytes, as: UTF8.self)
    }
}
