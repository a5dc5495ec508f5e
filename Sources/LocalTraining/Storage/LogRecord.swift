package import GRDB

/// One row of the table `log`: a line that a job wrote.
package struct LogRecord: Codable, Equatable, Sendable {
    /// Order of writing, over all jobs; the database assigns it.
    package var sequence: Int64?
    package var jobID: String
    package var time: UnixTime
    package var level: LogLevel
    package var message: String

    package init(jobID: String, time: UnixTime, level: LogLevel, message: String) {
        self.jobID = jobID
        self.time = time
        self.level = level
        self.message = message
    }
}

/// Severity of a log line, spelled as on the wire.
package enum LogLevel: String, Codable, Sendable, DatabaseValueConvertible {
    case info = "INFO"
    case warn = "WARN"
    case error = "ERROR"
}

extension LogRecord: FetchableRecord, MutablePersistableRecord {
    package static let databaseTableName = "log"

    package mutating func didInsert(_ inserted: InsertionSuccess) {
        sequence = inserted.rowID
    }

    package enum Columns {
        package static let sequence = Column(CodingKeys.sequence)
        package static let jobID = Column(CodingKeys.jobID)
    }
}
