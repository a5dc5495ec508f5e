import GRPCCore
import GRPCProtobuf
import LocalTraining
import Logging
import MLTrainingMessages
import SwiftProtobuf
import Testing

@Suite struct LocalServerTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func losesNothingOverARestart() async throws {
        let (done, running, canceling, waiting, container) = try await LiveService.run(on: folder) { service in
            var ids: [String] = []
            for number in 0..<7 {
                ids.append(try await service.submit(name: "model \(number)"))
            }
            let container = try await service.client.registerCustomTrainingContainer(
                .with {
                    $0.organizationID = "org"
                    $0.imageUri = "image"
                }
            ).id
            await service.trainer.end(ids[0])
            try await service.waitUntil(ids[0], is: .completed)
            try await eventually("four never ran") { await service.trainer.running.count == 4 }
            _ = try await service.client.cancelTrainingJob(.with { $0.id = ids[6] })
            return (ids[0], Array(ids[1...4]), ids[6], ids[5], container)
        }

        try await LiveService.run(on: folder) { service in
            let completed = try await service.job(done)
            #expect(completed.status == .completed && completed.syncedModelID == "model-of-\(done)")
            #expect(try await service.allLogPages(of: done).flatMap(\.logs).map(\.message) == ["trained model 0"])
            for id in running {
                let job = try await service.job(id)
                #expect(job.status == .failed && job.hasTrainingEnded)
                #expect(job.errorStatus.code == Int32(RPCError.Code.aborted.rawValue))
                #expect(job.errorStatus.message == "the training service stopped while the job was running")
                #expect(job.errorStatus.details.map(\.typeURL) == ["type.googleapis.com/google.rpc.ErrorInfo"])
                #expect(try await service.allLogPages(of: id).last?.logs.last?.level == "ERROR")
            }
            #expect(try await service.job(canceling).status == .canceled)
            try await service.waitUntil(waiting, is: .inProgress)
            await service.trainer.end(waiting)
            try await service.waitUntil(waiting, is: .completed)
            #expect(try await service.client.getContainer(.with { $0.id = container }).container.uri == "image")
            #expect(try await service.client.listTrainingJobs(.with { $0.organizationID = "org" }).jobs.count == 7)
        }
    }

    @Test func saysThatAnAddressIsTaken() async throws {
        let other = try TemporaryFolder()
        let taken = try await LiveService.run(on: folder) { service in
            var configuration = LocalServer.Configuration(
                listen: service.address,
                dataFolder: other.path,
                trainer: service.trainer
            )
            configuration.maxRunningJobs = 1
            let server = try LocalServer(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let error = await #expect(throws: LocalServerError.self) {
                try await server.run(onListening: { _ in Issue.record("it listens") }, until: {})
            }
            #expect(error?.description == "cannot listen on \(service.address): Address already in use")
            return service.address
        }
        #expect(taken.port > 0)
    }

    @Test func answersManyCallsAtOnce() async throws {
        try await LiveService.run(on: folder) { service in
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<200 {
                    group.addTask { try await service.submit(name: "model \(number)") }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(ids.count == 200)
            let jobs = try await service.client.listTrainingJobs(.with { $0.organizationID = "org" }).jobs
            #expect(Set(jobs.map(\.id)) == ids)
        }
    }
}
