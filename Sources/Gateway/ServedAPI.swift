package import HTTPRules
package import ProtobufSchema

/// What a gateway serves: a schema and the routes to its methods.
///
/// Immutable and shared by all workers.
package struct ServedAPI: Sendable {
    package let schema: Schema
    package let routes: RouteTable
    /// In the order of the route table: where what a route makes is found, nil for most.
    let locations: [LocationTemplate?]
    let allow: AllowValues

    /// Compiles a serialized `FileDescriptorSet`, and makes routes of its annotations and what `options` adds to them.
    package init(
        descriptorSet: [UInt8],
        options: RouteBuilder.Options = RouteBuilder.Options()
    ) throws(GatewayError) {
        schema = try Schema(servedFrom: descriptorSet)
        do {
            routes = try RouteTable(schema, options: options)
        } catch {
            throw GatewayError("\(error)")
        }
        locations = try ServedAPI.locations(of: routes, schema)
        allow = AllowValues(routes)
        guard routes.routes.isEmpty else { return }
        if options.mapsMethodsWithoutRule {
            throw GatewayError("the descriptor set has no method that HTTP can serve")
        }
        throw GatewayError(
            "the descriptor set has no method with a google.api.http rule; --http-rules FILE gives rules to methods, "
                + "and --auto-map serves those without one"
        )
    }
}

extension Schema {
    /// Compiles a serialized `FileDescriptorSet` that the gateway was started with.
    package convenience init(servedFrom descriptorSet: [UInt8]) throws(GatewayError) {
        do {
            try self.init(descriptorSet: descriptorSet)
        } catch {
            throw GatewayError("the descriptor set is not usable: \(error)")
        }
    }
}
