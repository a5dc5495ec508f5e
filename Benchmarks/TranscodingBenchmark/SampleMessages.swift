import MLTrainingMessages
import SwiftProtobuf

/// The messages that are measured, the same in every run.
enum SampleMessages {
    static func jobs(_ count: Int) -> Viam_App_Mltraining_V1_ListTrainingJobsResponse {
        .with { $0.jobs = (0..<count).map(job) }
    }

    /// Managed jobs that completed, with a custom one and a failed one among each ten.
    static func job(_ number: Int) -> Viam_App_Mltraining_V1_TrainingJobMetadata {
        .with {
            $0.id = "65f0c0ffee65f0c0" + hexadecimal(number)
            $0.datasetID = "65e5d9c8b7a69584" + hexadecimal(number / 4)
            $0.organizationID = "0c7c3a0e-5a5a-4bd5-9d6f-1f5f0c7c3a0e"
            $0.modelName = "bolt-detector"
            $0.modelVersion = "2026-11-21T10-15-\(10 + number % 50)"
            $0.createdOn = time(1_795_256_100 + number, nanos: 123_456_000)
            $0.lastModified = time(1_795_257_000 + number, nanos: 5_000_000)
            $0.trainingStarted = time(1_795_256_130 + number, nanos: 0)
            $0.trainingEnded = time(1_795_256_999 + number, nanos: 999_999_999)
            $0.tags = ["bolt", "nut", "washer", "plate"]
            if number % 10 == 7 {
                $0.isCustomJob = true
                $0.registryItemID = "acme-vision:bolt-training"
                $0.registryItemVersion = "2026-11-20T08-00-00"
                $0.containerVersion = "tf:2.16"
                $0.arguments = ["num_epochs": "200", "labels": "bolt nut washer plate", "learning-rate": "0.0005"]
                $0.status = .completed
            } else {
                $0.modelType = .objectDetection
                $0.modelFramework = .tflite
                $0.status = number % 10 == 9 ? .failed : .completed
            }
            if number % 10 == 9 {
                $0.errorStatus = .with {
                    $0.code = 3
                    $0.message = "the dataset has 12 images, but a training needs at least 15 \u{2014} add \"3\" more"
                }
            } else {
                $0.syncedModelID = "bolt-detector"
            }
        }
    }

    static func logs(_ count: Int) -> Viam_App_Mltraining_V1_GetTrainingJobLogsResponse {
        .with {
            $0.logs = (0..<count).map { number in
                .with {
                    $0.level = number % 20 == 19 ? "warn" : "info"
                    $0.time = time(1_795_256_200 + number, nanos: Int32(number % 1000) * 1_000_000)
                    $0.message = "Epoch \(number + 1)/200\n41/41 [====] - 3s 71ms/step - loss: 0.\(4000 - number)"
                }
            }
            $0.nextPageToken = "eyJvZmZzZXQiOjEwMH0"
        }
    }

    static let submission = Viam_App_Mltraining_V1_SubmitCustomTrainingJobRequest.with {
        $0.datasetID = "65e5d9c8b7a6958473625140"
        $0.organizationID = "0c7c3a0e-5a5a-4bd5-9d6f-1f5f0c7c3a0e"
        $0.registryItemID = "acme-vision:bolt-training"
        $0.registryItemVersion = "2026-11-20T08-00-00"
        $0.modelName = "bolt-detector"
        $0.modelVersion = "2026-11-21T10-15-00"
        $0.arguments = ["num_epochs": "200", "labels": "bolt nut washer plate", "learning-rate": "0.0005"]
        $0.containerVersion = "tf:2.16"
    }

    private static func time(_ seconds: Int, nanos: Int32) -> Google_Protobuf_Timestamp {
        .with {
            $0.seconds = Int64(seconds)
            $0.nanos = nanos
        }
    }

    private static func hexadecimal(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
