import ProtobufSchema

/// Messages that cannot be complete, since what they require leads back to themselves: `message A { required A a = 1; }`.
struct EndlessMessages {
    private let endless: Set<MessageIndex>

    /// Those of `messages`; a field is required if `isRequired` says so.
    init(_ messages: [MessageIndex], _ schema: Schema, isRequired: (FieldInfo) -> Bool) {
        // Whatever has nothing left that it requires is taken away, until only circles and what needs them are left.
        var missing: [MessageIndex: Int] = [:]
        var dependents: [MessageIndex: [MessageIndex]] = [:]
        let all = Set(messages)
        for message in messages {
            let children = schema.fields(of: message).compactMap { index -> MessageIndex? in
                let field = schema[index]
                guard field.cardinality.isSingular, isRequired(field), let child = field.childMessage else {
                    return nil
                }
                return all.contains(child) ? child : nil
            }
            missing[message] = children.count
            for child in children { dependents[child, default: []].append(message) }
        }
        var complete = messages.filter { missing[$0] == 0 }
        var left = all
        while let message = complete.popLast() {
            left.remove(message)
            for dependent in dependents[message] ?? [] {
                let count = (missing[dependent] ?? 0) - 1
                missing[dependent] = count
                if count == 0 { complete.append(dependent) }
            }
        }
        endless = left
    }

    func contains(_ message: MessageIndex) -> Bool { endless.contains(message) }
}
