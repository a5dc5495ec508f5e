internal import HTTPRules
internal import ProtobufSchema

extension ServedAPI {
    /// For each route the place of what it makes, nil where it does not say that it makes something.
    ///
    /// A call by the gRPC path stays what it is for programs that speak RPC: the answer is its message, with 200.
    static func locations(of routes: RouteTable, _ schema: Schema) throws(GatewayError) -> [LocationTemplate?] {
        var locations: [LocationTemplate?] = []
        for route in routes.routes {
            guard route.template.text != route.grpcPath,
                let service = schema.services.first(where: { $0.fullName == route.service }),
                let method = service.methods.first(where: { $0.name == route.method })
            else {
                locations.append(nil)
                continue
            }
            do {
                let option = try CreatedOption(methodOptions: method.options)
                locations.append(
                    try option.map { option throws(GatewayError) in
                        try LocationTemplate(option.location, in: method.output, schema)
                    }
                )
            } catch {
                throw GatewayError(
                    "\(route.service).\(route.method): (mltraining.gateway.v1.created).location: \(error)"
                )
            }
        }
        return locations
    }
}
