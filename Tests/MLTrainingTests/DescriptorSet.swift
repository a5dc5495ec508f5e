import MLTraining
import SwiftProtobuf

/// The committed descriptor set, decoded by SwiftProtobuf: an opinion that is independent of the gateway's.
struct DescriptorSet {
    static let apiFile = "viam/app/mltraining/v1/ml_training.proto"

    let files: [Google_Protobuf_FileDescriptorProto]
    let api: Google_Protobuf_FileDescriptorProto
    let service: Google_Protobuf_ServiceDescriptorProto

    struct Missing: Error {}

    init() throws {
        files = try Google_Protobuf_FileDescriptorSet(
            serializedBytes: MLTrainingAPI.descriptorSet,
            extensions: Google_Api_Annotations_Extensions
        ).file
        guard let api = files.first(where: { $0.name == Self.apiFile }), let service = api.service.first else {
            throw Missing()
        }
        self.api = api
        self.service = service
    }

    /// The HTTP rules of a method, the first one first.
    static func rules(of method: Google_Protobuf_MethodDescriptorProto) -> [Google_Api_HttpRule] {
        let rule = method.options.Google_Api_http
        return [rule] + rule.additionalBindings
    }
}

extension Google_Api_HttpRule {
    /// Method, template, body and response body of the rule, as the tests' tables spell them.
    var text: String {
        let start =
            switch pattern {
            case .get(let path): "GET \(path)"
            case .put(let path): "PUT \(path)"
            case .post(let path): "POST \(path)"
            case .delete(let path): "DELETE \(path)"
            case .patch(let path): "PATCH \(path)"
            case .custom(let custom): "\(custom.kind) \(custom.path)"
            case nil: "no pattern"
            }
        return start + (body.isEmpty ? "" : " body=\(body)")
            + (responseBody.isEmpty ? "" : " response_body=\(responseBody)")
    }
}
