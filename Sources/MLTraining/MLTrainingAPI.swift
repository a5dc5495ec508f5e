/// The API that the gateway ships with: Viam's ML training service.
package enum MLTrainingAPI {
    /// Full name of the service, as in gRPC's `:path`.
    package static let serviceName = "viam.app.mltraining.v1.MLTrainingService"

    /// The service's serialized `google.protobuf.FileDescriptorSet`, imports and comments included.
    ///
    /// Made from `Protos/` by `make protos`, and compiled into the binary. It also holds
    /// `google/rpc/error_details.proto`, so that the details of errors can be printed.
    package static var descriptorSet: [UInt8] {
        PackageResources.mltraining_binpb
    }
}
