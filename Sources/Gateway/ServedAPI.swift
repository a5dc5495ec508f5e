package import HTTPRules
package import ProtobufSchema

/// What a gateway serves: a schema and the routes that its annotations declare.
///
/// Immutable and shared by all workers.
package struct ServedAPI: Sendable {
    package let schema: Schema
    package let routes: RouteTable

    /// Compiles a serialized `FileDescriptorSet`.
    package init(descriptorSet: [UInt8]) throws(GatewayError) {
        do {
            schema = try Schema(descriptorSet: descriptorSet)
        } catch {
            throw GatewayError("the descriptor set is not usable: \(error)")
        }
        do {
            routes = try RouteTable(schema)
        } catch {
            throw GatewayError("\(error)")
        }
        guard !routes.routes.isEmpty else {
            throw GatewayError("the descriptor set has no method with a google.api.http rule")
        }
    }
}
