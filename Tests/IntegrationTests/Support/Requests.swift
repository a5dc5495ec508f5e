/// Request bodies that several tests send.
enum Requests {
    static func submit(organization: String = "org-1", model: String = "model") -> String {
        """
        {"datasetId": "data-1", "organizationId": "\(organization)", "modelName": "\(model)", \
        "modelType": "MODEL_TYPE_OBJECT_DETECTION", "modelFramework": "MODEL_FRAMEWORK_TFLITE", "tags": ["a", "ü"]}
        """
    }
}
