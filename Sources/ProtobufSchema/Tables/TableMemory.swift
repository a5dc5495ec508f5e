/// The allocations behind ``SchemaTables``, freed together.
final class TableMemory: @unchecked Sendable {
    let tables: SchemaTables
    private let allocations: [UnsafeMutableRawPointer]

    init(_ layout: TableLayout) {
        var allocations: [UnsafeMutableRawPointer] = []
        func place<Entry: BitwiseCopyable>(_ entries: [Entry]) -> UnsafePointer<Entry> {
            let memory = UnsafeMutablePointer<Entry>.allocate(capacity: max(entries.count, 1))
            memory.initialize(from: entries, count: entries.count)
            allocations.append(UnsafeMutableRawPointer(memory))
            return UnsafePointer(memory)
        }
        tables = SchemaTables(
            messages: place(layout.messages),
            fields: place(layout.fields),
            enums: place(layout.enums),
            enumValues: place(layout.enumValues),
            enumNames: place(layout.enumNames),
            dense: place(layout.dense),
            slots: place(layout.names.slots),
            text: place(layout.text.bytes + [UInt8](repeating: 0, count: SchemaTables.textPadding)),
            messageNameStart: layout.messageNames.start,
            messageNameMask: layout.messageNames.mask
        )
        self.allocations = allocations
    }

    deinit {
        for allocation in allocations { allocation.deallocate() }
    }
}
