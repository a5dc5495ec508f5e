import GRPCCore
import GRPCProtobuf
import LocalTraining
import MLTrainingMessages
import SwiftProtobuf
import Testing

@Suite struct JobsTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Calls of every method that takes the id of a job.
    private typealias Call = @Sendable (LiveService.TrainingClient, String) async throws -> Void

    private static let calls: [(name: String, call: Call)] = [
        ("GetTrainingJob", { client, id in _ = try await client.getTrainingJob(.with { $0.id = id }) }),
        ("CancelTrainingJob", { client, id in _ = try await client.cancelTrainingJob(.with { $0.id = id }) }),
        (
            "DeleteCompletedTrainingJob",
            { client, id in _ = try await client.deleteCompletedTrainingJob(.with { $0.id = id }) }
        ),
        ("GetTrainingJobLogs", { client, id in _ = try await client.getTrainingJobLogs(.with { $0.id = id }) }),
    ]

    @Test func jobsThatDoNotExistAreNotFound() async throws {
        try await LiveService.run(on: folder) { service in
            for (name, call) in Self.calls {
                let missing = try await failure { try await call(service.client, "6b02263cce57a0b0a678c832") }
                #expect(missing.code == .notFound, "\(name)")
                let resource = try #require(missing.details.first?.resourceInfo, "\(name)")
                #expect(resource.type == "training job" && resource.name == "6b02263cce57a0b0a678c832", "\(name)")

                let empty = try await failure { try await call(service.client, "") }
                #expect(empty.code == .invalidArgument && empty.violatedFields == ["id"], "\(name)")
            }
        }
    }

    @Test func jobsAreListedByOrganizationAndStatus() async throws {
        try await LiveService.run(on: folder) { service in
            let first = try await service.submit(name: "first")
            let second = try await service.submit(name: "second")
            let other = try await service.submit(organization: "other")
            await service.trainer.end(first)
            try await service.waitUntil(first, is: .completed)
            try await service.waitUntil(second, is: .inProgress)

            typealias Status = Viam_App_Mltraining_V1_TrainingStatus
            func list(_ organization: String, _ status: Status) async throws -> [String] {
                let list = try await service.client.listTrainingJobs(
                    .with {
                        $0.organizationID = organization
                        $0.status = status
                    }
                )
                return list.jobs.map(\.id)
            }
            #expect(try await list("org", .unspecified) == [second, first])
            #expect(try await list("org", .completed) == [first])
            #expect(try await list("org", .inProgress) == [second])
            #expect(try await list("org", .failed) == [])
            #expect(try await list("other", .unspecified) == [other])
            #expect(try await list("none", .unspecified) == [])

            let error = try await failure { try await list("", .UNRECOGNIZED(9)) }
            #expect(error.code == .invalidArgument && error.violatedFields == ["organization_id", "status"])
        }
    }

    @Test func cancellingGoesThroughCanceling() async throws {
        try await LiveService.run(on: folder) { service in
            // Four run at once, so that the fifth waits.
            var ids: [String] = []
            for _ in 0..<5 {
                ids.append(try await service.submit())
            }
            try await eventually("four never ran") { await service.trainer.running.count == 4 }
            #expect(try await service.job(ids[4]).status == .pending)
            // The one that waits comes first, or it would take the place of the other.
            for id in [ids[4], ids[0]] {
                _ = try await service.client.cancelTrainingJob(.with { $0.id = id })
                let status = try await service.job(id).status
                #expect(status == .canceling || status == .canceled)
                try await service.waitUntil(id, is: .canceled)

                let error = try await failure { try await service.client.cancelTrainingJob(.with { $0.id = id }) }
                #expect(error.code == .failedPrecondition)
                let violation = try #require(error.details.first?.preconditionFailure?.violations.first)
                #expect(violation.type == "STATUS" && violation.subject == "training job \(id)")
                #expect(violation.violationDescription == "a job that is CANCELED cannot be cancelled")
            }
            #expect(try await service.job(ids[0]).hasTrainingEnded)
            #expect(try await !service.job(ids[4]).hasTrainingStarted)
        }
    }

    @Test func onlyJobsThatHaveEndedAreDeleted() async throws {
        try await LiveService.run(on: folder) { service in
            let id = try await service.submit()
            try await service.waitUntil(id, is: .inProgress)
            let error = try await failure {
                try await service.client.deleteCompletedTrainingJob(.with { $0.id = id })
            }
            #expect(error.code == .failedPrecondition)
            let violation = try #require(error.details.first?.preconditionFailure?.violations.first)
            #expect(violation.violationDescription == "a job that is IN_PROGRESS cannot be deleted")

            await service.trainer.end(id)
            try await service.waitUntil(id, is: .completed)
            _ = try await service.client.deleteCompletedTrainingJob(.with { $0.id = id })
            let gone = try await failure { try await service.job(id) }
            #expect(gone.code == .notFound)
        }
    }

    @Test func logsArePaged() async throws {
        try await LiveService.run(on: folder, logPageSize: 3) { service in
            await service.trainer.setLinesPerJob(8)
            let ids = [try await service.submit(name: "a"), try await service.submit(name: "b")]
            for id in ids {
                await service.trainer.end(id)
            }
            for (id, name) in zip(ids, ["a", "b"]) {
                try await service.waitUntil(id, is: .completed)
                let pages = try await service.allLogPages(of: id)
                #expect(pages.map(\.logs.count) == [3, 3, 2])
                let lines = pages.flatMap(\.logs)
                #expect(lines.map(\.message) == (0..<7).map { "line \($0)" } + ["trained \(name)"])
                #expect(lines.allSatisfy { $0.level == "INFO" && $0.time.seconds > 1_700_000_000 })
            }
        }
    }

    @Test func logsOfAJobThatHasWrittenNoneAreEmpty() async throws {
        try await LiveService.run(on: folder) { service in
            let id = try await service.submit()
            let page = try await service.client.getTrainingJobLogs(.with { $0.id = id })
            #expect(page.logs.isEmpty && page.nextPageToken.isEmpty)
        }
    }

    @Test func tokensOfOtherJobsAreRefused() async throws {
        try await LiveService.run(on: folder) { service in
            let id = try await service.submit()
            let foreign = PageToken(lastSequence: 1).text(jobID: "other")
            for token in ["nonsense", foreign] {
                let error = try await failure {
                    try await service.client.getTrainingJobLogs(
                        .with {
                            $0.id = id
                            $0.pageToken = token
                        }
                    )
                }
                #expect(error.code == .invalidArgument && error.violatedFields == ["page_token"])
            }
            // Empty is as good as absent.
            let first = try await service.client.getTrainingJobLogs(
                .with {
                    $0.id = id
                    $0.pageToken = ""
                }
            )
            #expect(first.nextPageToken.isEmpty)
        }
    }
}
