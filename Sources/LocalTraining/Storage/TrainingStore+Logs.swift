import GRDB

/// A stretch of a job's log.
package struct LogPage: Equatable, Sendable {
    package var lines: [LogRecord]
    /// Whether there was more when the page was read.
    package var hasMore: Bool
}

extension TrainingStore {
    /// Adds lines to a job's log, all of them or none.
    package func append(_ lines: [LogRecord]) async throws {
        try await database.write { db in
            for var line in lines {
                try line.insert(db)
            }
        }
    }

    /// Reads a page of a job's log, oldest line first.
    ///
    /// - Parameters:
    ///   - jobID: The job.
    ///   - after: The `sequence` of the last line of the page before; nil for the first page.
    ///   - limit: The most lines to answer.
    /// - Throws: `DatabaseError`.
    /// - Returns: The page, or nil if there is no such job.
    package func logs(jobID: String, after: Int64?, limit: Int) async throws -> LogPage? {
        try await database.read { db in
            guard try JobRecord.filter(JobRecord.Columns.id == jobID).isEmpty(db) == false else {
                return nil
            }
            var lines =
                try LogRecord
                .filter(LogRecord.Columns.jobID == jobID)
                .filter(LogRecord.Columns.sequence > (after ?? 0))
                .order(LogRecord.Columns.sequence)
                .limit(limit + 1)
                .fetchAll(db)
            let hasMore = lines.count > limit
            if hasMore {
                lines.removeLast()
            }
            return LogPage(lines: lines, hasMore: hasMore)
        }
    }
}
