import Foundation
import GRDB
import LocalTraining
import Testing

@Suite struct TrainingStoreTests {
    private let folder: TemporaryFolder
    private let time = UnixTime(milliseconds: 1_700_000_000_123)

    init() throws {
        folder = try TemporaryFolder()
    }

    private func open() throws -> TrainingStore {
        try TrainingStore(folder: folder.path)
    }

    private func pendingJob(_ id: String, organization: String = "org") -> JobRecord {
        JobRecord(
            id: id,
            organizationID: organization,
            datasetID: "dataset",
            modelName: "model",
            modelVersion: "v1",
            createdOn: time
        )
    }

    @Test func keepsEverythingOverAReopening() async throws {
        var job = pendingJob("a")
        job.modelType = 2
        job.modelFramework = 5
        job.tags = ["red", "grün", "\"quoted\""]
        job.isCustom = true
        job.registryItemID = "viam:script"
        job.registryItemVersion = "3"
        job.arguments = ["epochs": "10", "": "empty"]
        job.containerKey = "tf:2.15"
        job.containerID = "c"
        job.errorStatus = Data([0, 1, 255])
        job.trainingStarted = time
        job.trainingEnded = time
        job.syncedModelID = "m"
        let container = ContainerRecord(
            id: "own",
            key: "custom:own",
            uri: "registry/image:1",
            framework: "custom",
            description: "ours",
            endOfLife: time,
            organizationID: "org",
            createdOn: time
        )
        let line = LogRecord(jobID: "a", time: time, level: .warn, message: "line\ntwo")

        let first = try open()
        try await first.insert(job)
        try await first.append([line])
        try await first.insert(container)
        try first.close()

        let second = try open()
        var stored = try #require(try await second.job(id: "a"))
        #expect(stored.sequence == 1)
        stored.sequence = nil
        #expect(stored == job)
        var lines = try #require(try await second.logs(jobID: "a", after: nil, limit: 10)).lines
        #expect(lines.count == 1)
        lines[0].sequence = nil
        #expect(lines == [line])
        var storedContainer = try #require(try await second.container(id: "own"))
        storedContainer.sequence = nil
        #expect(storedContainer == container)
    }

    @Test func beginsJobsInTheOrderOfSubmission() async throws {
        let store = try open()
        for id in ["b", "a"] {
            try await store.insert(pendingJob(id))
        }
        let later = UnixTime(milliseconds: time.milliseconds + 5)
        let begun = try #require(try await store.beginNextJob(at: later))
        #expect(begun.id == "b" && begun.status == .inProgress)
        #expect(begun.trainingStarted == later && begun.lastModified == later && begun.createdOn == time)
        #expect(try await store.beginNextJob(at: later)?.id == "a")
        #expect(try await store.beginNextJob(at: later) == nil)
    }

    @Test func listsByOrganizationAndStatusNewestFirst() async throws {
        let store = try open()
        for id in ["1", "2", "3"] {
            try await store.insert(pendingJob(id))
        }
        try await store.insert(pendingJob("4", organization: "other"))
        _ = try await store.beginNextJob(at: time)
        #expect(try await store.jobs(organizationID: "org", status: nil).map(\.id) == ["3", "2", "1"])
        #expect(try await store.jobs(organizationID: "org", status: .pending).map(\.id) == ["3", "2"])
        #expect(try await store.jobs(organizationID: "org", status: .inProgress).map(\.id) == ["1"])
        #expect(try await store.jobs(organizationID: "none", status: nil).isEmpty)
    }

    @Test(arguments: JobStatus.allCases)
    func cancelsAndDeletesByStatus(_ status: JobStatus) async throws {
        let store = try open()
        var job = pendingJob("a")
        job.status = status
        try await store.insert(job)
        try await store.append([LogRecord(jobID: "a", time: time, level: .info, message: "line")])

        let deletion = try await store.deleteEndedJob(id: "a")
        if status.hasEnded {
            #expect(deletion == .done)
            #expect(try await store.logs(jobID: "a", after: nil, limit: 1) == nil)
            #expect(try await store.deleteEndedJob(id: "a") == .noSuchJob)
            #expect(try await store.requestCancel(id: "a", at: time) == .noSuchJob)
            // Its log is gone with it.
            try await store.insert(job)
            #expect(try await store.logs(jobID: "a", after: nil, limit: 1)?.lines.isEmpty == true)
            #expect(try await store.requestCancel(id: "a", at: time) == .refused(status))
        } else {
            #expect(deletion == .refused(status))
            #expect(try await store.requestCancel(id: "a", at: time) == .done)
            #expect(try await store.job(id: "a")?.status == .canceling)
        }
    }

    @Test(
        arguments: [
            (JobStatus.inProgress, JobOutcome.completed(modelID: "m"), JobStatus.completed),
            (.inProgress, .failed(status: Data([8, 2])), .failed),
            (.inProgress, .stopped, .inProgress),
            (.canceling, .completed(modelID: "m"), .canceled),
            (.canceling, .failed(status: Data()), .canceled),
            (.canceling, .stopped, .canceled),
            (.pending, .stopped, .pending),
            (.completed, .failed(status: Data()), .completed),
            (.canceled, .completed(modelID: "m"), .canceled),
        ]
    )
    func endsJobs(_ before: JobStatus, _ outcome: JobOutcome, _ after: JobStatus) async throws {
        let store = try open()
        var job = pendingJob("a")
        job.status = before
        job.trainingStarted = time
        try await store.insert(job)
        let later = UnixTime(milliseconds: time.milliseconds + 1)
        let changed = try await store.endJob(id: "a", as: outcome, at: later)
        let stored = try #require(try await store.job(id: "a"))
        #expect(stored.status == after)
        #expect(changed == (before == after ? nil : after))
        #expect(stored.trainingEnded == (before == after ? nil : later))
        #expect(stored.lastModified == (before == after ? time : later))
        #expect(stored.syncedModelID == (after == .completed && before != after ? "m" : ""))
        #expect((stored.errorStatus != nil) == (after == .failed))
        #expect(try await store.endJob(id: "none", as: outcome, at: later) == nil)
    }

    @Test func endsWhatWasLeftBehind() async throws {
        let store = try open()
        for status in JobStatus.allCases {
            var job = pendingJob(status.name)
            job.status = status
            job.trainingStarted = status == .pending ? nil : time
            try await store.insert(job)
        }
        let later = UnixTime(milliseconds: time.milliseconds + 1)
        try await store.endJobsLeftBehind(at: later, status: Data([8, 10]), message: "stopped")

        for (id, after) in [
            ("PENDING", JobStatus.pending), ("IN_PROGRESS", .failed), ("COMPLETED", .completed), ("FAILED", .failed),
            ("CANCELED", .canceled), ("CANCELING", .canceled),
        ] {
            let job = try #require(try await store.job(id: id))
            #expect(job.status == after, "\(id)")
            let changed = id == "IN_PROGRESS" || id == "CANCELING"
            #expect(job.lastModified == (changed ? later : time), "\(id)")
            #expect(job.trainingEnded == (changed ? later : nil), "\(id)")
            #expect(job.errorStatus == (id == "IN_PROGRESS" ? Data([8, 10]) : nil), "\(id)")
        }
        #expect(try await store.logs(jobID: "IN_PROGRESS", after: nil, limit: 9)?.lines.map(\.message) == ["stopped"])
    }

    @Test func pagesLogs() async throws {
        let store = try open()
        try await store.insert(pendingJob("a"))
        try await store.insert(pendingJob("b"))
        for number in 1...5 {
            try await store.append(
                ["a", "b"].map { LogRecord(jobID: $0, time: time, level: .info, message: "\($0)\(number)") }
            )
        }
        let first = try #require(try await store.logs(jobID: "a", after: nil, limit: 3))
        #expect(first.lines.map(\.message) == ["a1", "a2", "a3"] && first.hasMore)
        let second = try #require(try await store.logs(jobID: "a", after: first.lines.last?.sequence, limit: 3))
        #expect(second.lines.map(\.message) == ["a4", "a5"] && !second.hasMore)
        let whole = try #require(try await store.logs(jobID: "a", after: nil, limit: 5))
        #expect(whole.lines.count == 5 && !whole.hasMore)
    }

    @Test func keepsLogsToJobsThatExist() async throws {
        let store = try open()
        await #expect(throws: DatabaseError.self) {
            try await store.append([LogRecord(jobID: "none", time: time, level: .info, message: "")])
        }
    }

    @Test func hasTwoDefaultContainers() async throws {
        let store = try open()
        let containers = try await store.defaultContainers()
        #expect(containers.map(\.key) == ["tf:2.15", "tf:2.16"])
        #expect(containers.allSatisfy { $0.id.utf8.count == 24 && $0.endOfLife != nil })
        for container in containers {
            #expect(try await store.deleteContainer(id: container.id) == .isDefault)
            #expect(try await store.container(key: container.key) == container)
        }
    }

    @Test func keepsFoldersToOneProcess() throws {
        let store = try open()
        let error = #expect(throws: StoreError.self) { try open() }
        #expect(error?.description == "cannot use the data folder \(folder.path): another process is using it")
        try store.close()
    }

    @Test func saysWhyAFolderCannotBeUsed() throws {
        let file = folder.path + "/file"
        try Data().write(to: URL(fileURLWithPath: file))
        let error = #expect(throws: StoreError.self) { try TrainingStore(folder: file + "/below") }
        #expect(error?.reason == "Not a directory")
    }

    @Test func refusesAFileThatIsNoDatabase() throws {
        let rubbish = Data(String(repeating: "no database ", count: 1000).utf8)
        try rubbish.write(to: URL(fileURLWithPath: folder.path + "/training.sqlite"))
        #expect(throws: StoreError.self) { try open() }
    }

    @Test func makesFoldersAndTheirParents() throws {
        let store = try TrainingStore(folder: folder.path + "/a/b/c/")
        try store.close()
        #expect(FileManager.default.fileExists(atPath: folder.path + "/a/b/c/training.sqlite"))
    }
}
