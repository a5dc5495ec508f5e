import Bytes
import Foundation
import Logging
import Testing

@testable import Gateway

@Suite
struct AccessLogTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)").path

    private func put(_ text: String, into log: AccessLog) {
        var line = ByteBuffer()
        line.append(utf8: text)
        log.put(LogBatch(line, lineCount: 1))
    }

    private func makeLog(_ path: String) throws -> AccessLog {
        let log = try AccessLog(
            AccessLogConfiguration(format: .json, path: path),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try log.start()
        return log
    }

    @Test
    func linesAreAppendedAndTheLastOnesAreNotLost() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try "old\n".write(toFile: path, atomically: false, encoding: .utf8)
        let log = try makeLog(path)
        for number in 0..<100 { put("\(number)\n", into: log) }
        log.close()
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines == ["old"] + (0..<100).map { "\($0)" })
        #expect(log.droppedLines == 0)
    }

    @Test
    func aRotatedFileIsOpenedAnew() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        defer { try? FileManager.default.removeItem(atPath: path + ".1") }
        let log = try makeLog(path)
        put("before\n", into: log)
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        log.reopen()
        log.close()
        #expect(try String(contentsOfFile: path + ".1", encoding: .utf8) == "before\n")
        #expect(try String(contentsOfFile: path, encoding: .utf8).isEmpty)
    }

    @Test
    func aFullDiskLosesLinesAndNothingElse() throws {
        let log = try makeLog("/dev/full")
        put("a\n", into: log)
        put("b\n", into: log)
        log.close()
        #expect(log.droppedLines == 2)
    }

    @Test
    func aFileThatCannotBeOpenedIsTold() {
        #expect(throws: GatewayError.self) { try makeLog("/nonexistent/log") }
    }
}
