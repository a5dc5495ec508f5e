import GRDB

/// Jobs, logs and containers in one SQLite database.
///
/// Every change is one transaction, and what a change depends on (a job's status, say) is decided inside
/// it, so that callers need no lock of their own. GRDB runs each access on a queue of its own; no caller's
/// thread ever waits for the disk. The folder is held by a lock file for as long as the store lives:
/// a second service on it would declare this one's running jobs dead.
package final class TrainingStore: Sendable {
    let database: DatabasePool
    private let lock: FolderLock

    /// Opens the database in a folder, making both where they are missing.
    ///
    /// - Throws: ``StoreError`` if the folder or the database in it cannot be used.
    package init(folder: String) throws(StoreError) {
        lock = try FolderLock(folder: folder)
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        do {
            database = try DatabasePool(path: folder + "/training.sqlite", configuration: configuration)
            try Migrations.migrator.migrate(database)
        } catch {
            throw StoreError(folder: folder, reason: String(describing: error))
        }
    }

    /// Waits for what is under way, closes the database and lets go of the folder.
    package func close() throws {
        try database.close()
        lock.unlock()
    }
}

/// Why a data folder cannot be used.
package struct StoreError: Error, CustomStringConvertible {
    package var folder: String
    package var reason: String

    package var description: String {
        "cannot use the data folder \(folder): \(reason)"
    }
}
