import GRDB

/// What came of an attempt to delete a container.
package enum ContainerDeletion: Equatable, Sendable {
    case done
    case noSuchContainer
    /// It is one of the service's own.
    case isDefault
}

extension TrainingStore {
    package func insert(_ container: ContainerRecord) async throws {
        try await database.write { db in
            var container = container
            try container.insert(db)
        }
    }

    package func container(id: String) async throws -> ContainerRecord? {
        try await database.read { db in
            try ContainerRecord.filter(ContainerRecord.Columns.id == id).fetchOne(db)
        }
    }

    package func container(key: String) async throws -> ContainerRecord? {
        try await database.read { db in
            try ContainerRecord.filter(ContainerRecord.Columns.key == key).fetchOne(db)
        }
    }

    /// The service's own containers, the oldest first.
    package func defaultContainers() async throws -> [ContainerRecord] {
        try await database.read { db in
            try ContainerRecord
                .filter(ContainerRecord.Columns.organizationID == nil)
                .order(ContainerRecord.Columns.sequence)
                .fetchAll(db)
        }
    }

    /// The containers that an organization can use: the service's own and then its own, each the oldest first.
    package func containers(organizationID: String) async throws -> [ContainerRecord] {
        try await database.read { db in
            let organization = ContainerRecord.Columns.organizationID
            return
                try ContainerRecord
                .filter(organization == nil || organization == organizationID)
                .order(organization != nil, ContainerRecord.Columns.sequence)
                .fetchAll(db)
        }
    }

    package func deleteContainer(id: String) async throws -> ContainerDeletion {
        try await database.write { db in
            guard let container = try ContainerRecord.filter(ContainerRecord.Columns.id == id).fetchOne(db) else {
                return .noSuchContainer
            }
            guard !container.isDefault else {
                return .isDefault
            }
            try container.delete(db)
            return .done
        }
    }
}
