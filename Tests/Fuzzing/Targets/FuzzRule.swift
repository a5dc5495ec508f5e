import HTTPRules
import ProtobufSchema

/// A method and a template, to be made a route by way of a descriptor set, as every route is.
struct FuzzRule {
    let method: String
    let template: PathTemplate

    /// The routes of `rules`, nil if the builder does not want them.
    static func table(_ rules: [FuzzRule]) -> RouteTable? {
        guard let schema = try? Schema(descriptorSet: descriptorSet(rules)) else { return nil }
        return try? RouteTable(schema)
    }

    /// A service with a method for each rule; its request message has all fields that the templates name.
    private static func descriptorSet(_ rules: [FuzzRule]) -> [UInt8] {
        var leaves: Set<String> = []
        var parents: Set<String> = []
        for path in rules.flatMap(\.template.variables).map({ $0.fieldPath.map(\.name) }) {
            parents.formUnion(path.dropLast())
            leaves.formUnion(path.suffix(1))
        }
        var message = WireText()
        message.add(1, "Request")
        for (index, name) in leaves.union(parents).sorted().enumerated() {
            let isMessage = parents.contains(name)
            message.add(2) { field in
                field.add(1, name)
                field.add(3, UInt64(index + 1))
                field.add(4, 1)
                field.add(5, isMessage ? 11 : 9)
                if isMessage { field.add(6, ".fuzz.Request") }
            }
        }
        var service = WireText()
        service.add(1, "Service")
        for (index, rule) in rules.enumerated() {
            service.add(2) { method in
                method.add(1, "Method\(index)")
                method.add(2, ".fuzz.Request")
                method.add(3, ".fuzz.Request")
                // google.api.http
                method.add(4) { options in options.add(72_295_728) { $0 = rule.annotation } }
            }
        }
        var set = WireText()
        set.add(1) { file in
            file.add(1, "fuzz.proto")
            file.add(2, "fuzz")
            file.add(4) { $0 = message }
            file.add(6) { $0 = service }
            file.add(12, "proto3")
        }
        return set.bytes
    }

    private var annotation: WireText {
        var rule = WireText()
        if let number = ["GET", "PUT", "POST", "DELETE", "PATCH"].firstIndex(of: method) {
            rule.add(UInt64(number + 2), template.text)
        } else {
            rule.add(8) { custom in
                custom.add(1, method)
                custom.add(2, template.text)
            }
        }
        return rule
    }
}
