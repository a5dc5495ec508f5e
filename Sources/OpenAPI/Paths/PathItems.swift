import HTTPRules

/// The `paths` of the document.
///
/// Templates that differ in the names of their variables alone are one path (OpenAPI 3.1, section 4.8.8.2), named as the
/// first of them. What OpenAPI has no member for stands under `x-additional-operations`: other methods than its eight by
/// their name, and a further operation of one method, whose template says more than a path can.
struct PathItems {
    private struct Item {
        let path: String
        let names: [String]
        var operations = JSONObject()
        var additional = JSONObject()
    }

    private static let members: Set<String> = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"]

    private var items: [Item] = []
    private var places: [String: Int] = [:]

    /// Adds the operation that `make` gives for the names of the path's parameters.
    mutating func add(_ route: Route, _ form: PathForm, _ make: (_ names: [String]) -> JSONObject) {
        let place: Int
        if let known = places[form.hierarchy] {
            place = known
        } else {
            place = items.count
            places[form.hierarchy] = place
            items.append(Item(path: form.path(), names: form.parameters.map(\.name)))
        }
        let operation = JSONValue.object(make(items[place].names))
        let method = route.httpMethodName
        let member = method.lowercased()
        if PathItems.members.contains(method), items[place].operations[member] == nil {
            items[place].operations[member] = operation
        } else if items[place].additional[method] == nil, !PathItems.members.contains(method) {
            items[place].additional[method] = operation
        } else {
            items[place].additional["\(method) \(route.template.text)"] = operation
        }
    }

    var value: JSONValue {
        var paths = JSONObject()
        for item in items {
            var operations = item.operations
            if !item.additional.isEmpty { operations["x-additional-operations"] = .object(item.additional) }
            paths[item.path] = .object(operations)
        }
        return .object(paths)
    }
}
