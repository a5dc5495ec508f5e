import GRDB

/// The schema's history.
///
/// A migration that was released is never edited; add another.
enum Migrations {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("jobs and logs", migrate: createJobsAndLogs)
        migrator.registerMigration("containers", migrate: createContainers)
        return migrator
    }

    private static func createJobsAndLogs(_ db: Database) throws {
        try db.create(table: "job") { table in
            // AUTOINCREMENT, so that the order of submission outlives deletions.
            table.autoIncrementedPrimaryKey("sequence")
            table.column("id", .text).notNull().unique()
            table.column("organizationID", .text).notNull()
            table.column("datasetID", .text).notNull()
            table.column("modelName", .text).notNull()
            table.column("modelVersion", .text).notNull()
            table.column("modelType", .integer).notNull()
            table.column("modelFramework", .integer).notNull()
            table.column("tags", .jsonText).notNull()
            table.column("isCustom", .boolean).notNull()
            table.column("registryItemID", .text).notNull()
            table.column("registryItemVersion", .text).notNull()
            table.column("arguments", .jsonText).notNull()
            table.column("containerKey", .text).notNull()
            table.column("containerID", .text).notNull()
            table.column("status", .integer).notNull().check { (1...6).contains($0) }
            table.column("errorStatus", .blob)
            table.column("createdOn", .integer).notNull()
            table.column("lastModified", .integer).notNull()
            table.column("trainingStarted", .integer)
            table.column("trainingEnded", .integer)
            table.column("syncedModelID", .text).notNull()
        }
        try db.create(index: "jobByOrganization", on: "job", columns: ["organizationID", "sequence"])
        try db.create(index: "jobByStatus", on: "job", columns: ["status", "sequence"])

        try db.create(table: "log") { table in
            table.autoIncrementedPrimaryKey("sequence")
            table.column("jobID", .text).notNull().references("job", column: "id", onDelete: .cascade)
            table.column("time", .integer).notNull()
            table.column("level", .text).notNull()
            table.column("message", .text).notNull()
        }
        try db.create(index: "logByJob", on: "log", columns: ["jobID", "sequence"])
    }

    private static func createContainers(_ db: Database) throws {
        try db.create(table: "container") { table in
            table.autoIncrementedPrimaryKey("sequence")
            table.column("id", .text).notNull().unique()
            table.column("key", .text).notNull().unique()
            table.column("uri", .text).notNull()
            table.column("framework", .text).notNull()
            table.column("description", .text).notNull()
            table.column("endOfLife", .integer)
            table.column("organizationID", .text)
            table.column("createdOn", .integer).notNull()
        }
        try db.create(index: "containerByOrganization", on: "container", columns: ["organizationID", "sequence"])

        // In SQL: a record type may change later, what this migration writes may not.
        for (release, endOfLife) in [("15", 1_772_496_000_000), ("16", 1_804_032_000_000)] {
            try db.execute(
                sql: """
                    INSERT INTO container (id, key, uri, framework, description, endOfLife, createdOn)
                    VALUES (?, ?, ?, 'tensorflow', ?, ?, 1709424000000)
                    """,
                arguments: [
                    "0000000000000000000002\(release)",
                    "tf:2.\(release)",
                    "us-docker.pkg.dev/vertex-ai/training/tf-gpu.2-\(release).py310:latest",
                    "Tensorflow 2.\(release)",
                    endOfLife,
                ]
            )
        }
    }
}
