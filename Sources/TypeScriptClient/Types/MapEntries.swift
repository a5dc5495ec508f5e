import ProtobufSchema

extension Schema {
    /// The messages that are entries of a map, for which JSON has no object.
    var mapEntries: Set<MessageIndex> {
        var entries: Set<MessageIndex> = []
        for message in messages {
            for index in fields(of: message) {
                let field = self[index]
                if field.cardinality == .map, let entry = field.childMessage { entries.insert(entry) }
            }
        }
        return entries
    }

    /// The value of a map's entry.
    func mapValue(of field: FieldInfo) -> FieldInfo? {
        guard field.cardinality == .map, let entry = field.childMessage else { return nil }
        return fields(of: entry).map { self[$0] }.first { $0.number == 2 }
    }
}
