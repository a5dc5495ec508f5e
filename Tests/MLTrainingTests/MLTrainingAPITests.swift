import GRPCCore
import MLTraining
import MLTrainingMessages
import SwiftProtobuf
import Testing

@Suite struct MLTrainingAPITests {
    private let set: DescriptorSet

    init() throws {
        set = try DescriptorSet()
    }

    @Test func namesItsService() {
        #expect(set.api.package + "." + set.service.name == MLTrainingAPI.serviceName)
        #expect(set.files.flatMap(\.service).count == 1)
    }

    @Test func holdsEveryImportBeforeItsUse() {
        var seen: Set<String> = []
        for file in set.files {
            #expect(seen.isSuperset(of: file.dependency), "\(file.name)")
            seen.insert(file.name)
        }
    }

    @Test func holdsTheDetailsOfErrors() {
        let messages = set.files.flatMap { file in file.messageType.map { "\(file.package).\($0.name)" } }
        let details = [
            "ErrorInfo", "RetryInfo", "DebugInfo", "QuotaFailure", "PreconditionFailure", "BadRequest", "RequestInfo",
            "ResourceInfo", "Help", "LocalizedMessage", "Status",
        ]
        #expect(Set(messages).isSuperset(of: details.map { "google.rpc.\($0)" }))
        #expect(Set(messages).isSuperset(of: ["google.protobuf.Any", "google.protobuf.Timestamp"]))
    }

    @Test func hasNobodyElsesComments() {
        let own = [DescriptorSet.apiFile, "mltraining/gateway/v1/options.proto"]
        for file in set.files where !own.contains(file.name) {
            #expect(!file.hasSourceCodeInfo, "\(file.name)")
        }
    }

    /// The routes of the design, and the plain binding of every method.
    private static let routes: [(method: String, rules: [String])] = [
        ("SubmitTrainingJob", ["POST /v1/jobs body=*"]),
        ("SubmitCustomTrainingJob", ["POST /v1/jobs:submitCustom body=*"]),
        ("GetTrainingJob", ["GET /v1/jobs/{id} response_body=metadata"]),
        ("ListTrainingJobs", ["GET /v1/jobs", "GET /v1/organizations/{organization_id}/jobs"]),
        ("CancelTrainingJob", ["POST /v1/jobs/{id}:cancel body=*"]),
        ("DeleteCompletedTrainingJob", ["DELETE /v1/jobs/{id}"]),
        ("GetTrainingJobLogs", ["GET /v1/jobs/{id}/logs"]),
        ("ListSupportedContainers", ["GET /v1/containers"]),
        ("ListContainers", ["GET /v1/organizations/{organization_id}/containers"]),
        ("GetContainer", ["GET /v1/containers/{id} response_body=container"]),
        ("RegisterCustomTrainingContainer", ["POST /v1/containers body=*"]),
        ("DeleteCustomTrainingContainer", ["DELETE /v1/containers/{id}"]),
    ]

    @Test(arguments: routes)
    func routesAMethod(_ expected: (method: String, rules: [String])) throws {
        let method = try #require(set.service.method.first { $0.name == expected.method })
        let plain = "POST /\(MLTrainingAPI.serviceName)/\(expected.method) body=*"
        #expect(DescriptorSet.rules(of: method).map(\.text) == expected.rules + [plain])
    }

    @Test func routesEveryMethod() {
        #expect(set.service.method.map(\.name) == Self.routes.map(\.method))
        let stubs = Viam_App_Mltraining_V1_MLTrainingService.Method.descriptors
        #expect(set.service.method.map(\.name) == stubs.map(\.method))
        #expect(stubs.allSatisfy { $0.service.fullyQualifiedService == MLTrainingAPI.serviceName })
    }

    @Test func routesNothingTwice() {
        let all = set.service.method.flatMap(DescriptorSet.rules).map(\.text)
        #expect(Set(all).count == all.count)
    }

    @Test func saysWhichMethodsMayBeRepeated() {
        for method in set.service.method {
            let level = method.options.idempotencyLevel
            switch method.name {
            case let name where name.hasPrefix("Get") || name.hasPrefix("List"):
                #expect(level == .noSideEffects, "\(name)")
            case let name where name.hasPrefix("Cancel") || name.hasPrefix("Delete"):
                #expect(level == .idempotent, "\(name)")
            case let name:
                #expect(level == .idempotencyUnknown, "\(name)")
            }
            #expect(!method.clientStreaming && !method.serverStreaming, "\(method.name)")
            #expect(method.inputType == ".\(set.api.package).\(method.name)Request")
            #expect(method.outputType == ".\(set.api.package).\(method.name)Response")
        }
    }

    @Test func commentsEveryElement() {
        let comments = Dictionary(
            set.api.sourceCodeInfo.location.map { ($0.path, $0.leadingComments) },
            uniquingKeysWith: { first, _ in first }
        )
        // Field numbers of descriptor.proto: message 4, enum 5 and service 6 of a file; field, value and method are 2.
        var paths: [(name: String, path: [Int32])] = []
        for (index, message) in set.api.messageType.enumerated() {
            paths.append((message.name, [4, Int32(index)]))
            for (number, field) in message.field.enumerated() {
                paths.append(("\(message.name).\(field.name)", [4, Int32(index), 2, Int32(number)]))
            }
        }
        for (index, type) in set.api.enumType.enumerated() {
            paths.append((type.name, [5, Int32(index)]))
            for (number, value) in type.value.enumerated() {
                paths.append((value.name, [5, Int32(index), 2, Int32(number)]))
            }
        }
        for (index, service) in set.api.service.enumerated() {
            paths.append((service.name, [6, Int32(index)]))
            for (number, method) in service.method.enumerated() {
                paths.append((method.name, [6, Int32(index), 2, Int32(number)]))
            }
        }
        #expect(paths.count > 120)
        for (name, path) in paths {
            #expect(comments[path]?.hasSuffix(".\n") == true, "\(name) has no comment that is a sentence")
        }
    }

    @Test func keepsWhatWasRemovedReserved() throws {
        let submit = try #require(set.api.messageType.first { $0.name == "SubmitTrainingJobRequest" })
        #expect(submit.reservedName == ["filter"])
        #expect(submit.reservedRange.map { $0.start..<$0.end } == [1..<2])
        let job = try #require(set.api.messageType.first { $0.name == "TrainingJobMetadata" })
        #expect(job.reservedName == ["user_email"])
        #expect(job.reservedRange.map { $0.start..<$0.end } == [6..<7])
        let request = try #require(job.field.first { $0.name == "request" })
        #expect(request.number == 1 && request.options.deprecated)
    }
}
