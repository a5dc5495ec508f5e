/// The members of a JSON object in the order in which they were first set.
package struct JSONObject: Sendable {
    package private(set) var keys: [String] = []
    private var values: [String: JSONValue] = [:]

    package init() {}

    package var isEmpty: Bool { keys.isEmpty }

    /// The value of `key`; nil removes it.
    package subscript(_ key: String) -> JSONValue? {
        get { values[key] }
        set {
            if values.updateValueOrRemove(newValue, forKey: key) == nil {
                if newValue != nil { keys.append(key) }
            } else if newValue == nil {
                keys.removeAll { $0 == key }
            }
        }
    }

    /// Keys with their values, in order.
    package var members: [(key: String, value: JSONValue)] {
        keys.compactMap { key in values[key].map { (key, $0) } }
    }
}

extension JSONObject: Hashable {
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.keys == right.keys && left.values == right.values
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(keys)
        hasher.combine(values)
    }
}

extension Dictionary {
    /// What was there before.
    fileprivate mutating func updateValueOrRemove(_ value: Value?, forKey key: Key) -> Value? {
        guard let value else { return removeValue(forKey: key) }
        return updateValue(value, forKey: key)
    }
}
