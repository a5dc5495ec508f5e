/// What the gateway calls itself towards Viam: `viam_client: <name>;v<version>;v<api version>`.
package enum ViamClient {
    package static let name = "mltraining-gateway"
    package static let version = "0.1.0"
    /// Of `viam.app.mltraining.v1`, whose descriptor set has no more than the 1.
    package static let apiVersion = "1.0.0"

    static let fieldName = "viam_client"
    static let fieldValue = "\(name);v\(version);v\(apiVersion)"
}
