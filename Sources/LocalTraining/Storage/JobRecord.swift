package import Foundation
package import GRDB

/// One row of the table `job`.
package struct JobRecord: Codable, Equatable, Sendable, Identifiable {
    /// Order of submission; the database assigns it.
    package var sequence: Int64?
    package var id: String
    package var organizationID: String
    package var datasetID: String
    package var modelName: String
    package var modelVersion: String
    /// `ModelType` on the wire; 0 for custom jobs.
    package var modelType = 0
    /// `ModelFramework` on the wire.
    package var modelFramework = 0
    package var tags: [String] = []
    package var isCustom = false
    package var registryItemID = ""
    package var registryItemVersion = ""
    package var arguments: [String: String] = [:]
    package var containerKey = ""
    package var containerID = ""
    package var status = JobStatus.pending
    /// A serialized `google.rpc.Status`; only where the status is `failed`.
    package var errorStatus: Data?
    package var createdOn: UnixTime
    package var lastModified: UnixTime
    package var trainingStarted: UnixTime?
    package var trainingEnded: UnixTime?
    package var syncedModelID = ""

    /// A job that waits to begin.
    package init(
        id: String,
        organizationID: String,
        datasetID: String,
        modelName: String,
        modelVersion: String,
        createdOn: UnixTime
    ) {
        self.id = id
        self.organizationID = organizationID
        self.datasetID = datasetID
        self.modelName = modelName
        self.modelVersion = modelVersion
        self.createdOn = createdOn
        self.lastModified = createdOn
    }
}

extension JobRecord: FetchableRecord, MutablePersistableRecord {
    package static let databaseTableName = "job"

    package mutating func didInsert(_ inserted: InsertionSuccess) {
        sequence = inserted.rowID
    }

    package enum Columns {
        package static let sequence = Column(CodingKeys.sequence)
        package static let id = Column(CodingKeys.id)
        package static let organizationID = Column(CodingKeys.organizationID)
        package static let status = Column(CodingKeys.status)
    }
}
