import Glibc
import MLTrainingMessages
package import SwiftProtobuf

extension UnixTime {
    /// The same moment as the wire format has it.
    package var timestamp: Google_Protobuf_Timestamp {
        // Rounds towards the past, as nanos are never negative.
        let seconds = milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
        return Google_Protobuf_Timestamp(
            seconds: seconds,
            nanos: Int32(truncatingIfNeeded: (milliseconds - seconds * 1000) * 1_000_000)
        )
    }

    /// A model version that is named after the moment: `2026-11-21T22-44-00`, in UTC.
    package var versionName: String {
        var seconds = time_t(milliseconds / 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = "\(1900 + Int(parts.tm_year))-\(Self.twoDigits(parts.tm_mon + 1))-\(Self.twoDigits(parts.tm_mday))"
        let time = [parts.tm_hour, parts.tm_min, parts.tm_sec].map(Self.twoDigits).joined(separator: "-")
        return "\(date)T\(time)"
    }

    private static func twoDigits(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}

extension JobRecord {
    /// The job as clients see it.
    ///
    /// - Throws: If what is stored as its `google.rpc.Status` is none.
    func wireMessage() throws -> Viam_App_Mltraining_V1_TrainingJobMetadata {
        var message = Viam_App_Mltraining_V1_TrainingJobMetadata()
        message.id = id
        message.datasetID = datasetID
        message.organizationID = organizationID
        message.modelName = modelName
        message.modelVersion = modelVersion
        message.modelType = .init(rawValue: modelType) ?? .unspecified
        message.modelFramework = .init(rawValue: modelFramework) ?? .unspecified
        message.isCustomJob = isCustom
        message.registryItemID = registryItemID
        message.registryItemVersion = registryItemVersion
        message.status = .init(rawValue: status.rawValue) ?? .unspecified
        if let errorStatus {
            message.errorStatus = try Google_Rpc_Status(serializedBytes: errorStatus)
        }
        message.createdOn = createdOn.timestamp
        message.lastModified = lastModified.timestamp
        if let trainingStarted {
            message.trainingStarted = trainingStarted.timestamp
        }
        if let trainingEnded {
            message.trainingEnded = trainingEnded.timestamp
        }
        message.syncedModelID = syncedModelID
        message.tags = tags
        message.arguments = arguments
        message.containerVersion = containerKey
        message.containerID = containerID
        return message
    }
}

extension LogRecord {
    /// The line as clients see it.
    func wireMessage() -> Viam_App_Mltraining_V1_TrainingJobLogEntry {
        .with {
            $0.level = level.rawValue
            $0.time = time.timestamp
            $0.message = message
        }
    }
}

extension ContainerRecord {
    /// The container as clients see it.
    func wireMessage() -> Viam_App_Mltraining_V1_Container {
        .with {
            $0.key = key
            $0.uri = uri
            $0.framework = framework
            $0.description_p = description
            if let endOfLife {
                $0.eol = endOfLife.timestamp
            }
            $0.organizationID = organizationID ?? ""
            $0.createdOn = createdOn.timestamp
            $0.id = id
            $0.visibility = isDefault ? .public : .private
        }
    }
}
