package import GRDB

/// One row of the table `container`: an image that training scripts run in.
package struct ContainerRecord: Codable, Equatable, Sendable, Identifiable {
    /// Order of registration; the database assigns it.
    package var sequence: Int64?
    package var id: String
    package var key: String
    package var uri: String
    package var framework: String
    package var description: String
    package var endOfLife: UnixTime?
    /// The organization that registered it; nil for the containers that every organization can use.
    package var organizationID: String?
    package var createdOn: UnixTime

    package init(
        id: String,
        key: String,
        uri: String,
        framework: String,
        description: String,
        endOfLife: UnixTime?,
        organizationID: String?,
        createdOn: UnixTime
    ) {
        self.id = id
        self.key = key
        self.uri = uri
        self.framework = framework
        self.description = description
        self.endOfLife = endOfLife
        self.organizationID = organizationID
        self.createdOn = createdOn
    }

    /// Whether it is one of the service's own: usable by everyone, deletable by no one.
    package var isDefault: Bool {
        organizationID == nil
    }
}

extension ContainerRecord: FetchableRecord, MutablePersistableRecord {
    package static let databaseTableName = "container"

    package mutating func didInsert(_ inserted: InsertionSuccess) {
        sequence = inserted.rowID
    }

    package enum Columns {
        package static let sequence = Column(CodingKeys.sequence)
        package static let id = Column(CodingKeys.id)
        package static let key = Column(CodingKeys.key)
        package static let organizationID = Column(CodingKeys.organizationID)
    }
}
