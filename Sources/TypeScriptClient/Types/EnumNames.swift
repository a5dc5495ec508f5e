import ProtobufSchema

extension Schema {
    /// `google.protobuf.NullValue`, which is JSON's null.
    func isNullValue(_ enumeration: EnumIndex) -> Bool { tables[enumeration].pointee.isNullValue }

    /// The names that the gateway prints: the first one of each number.
    func printedNames(of enumeration: EnumIndex) -> [String] {
        var numbers: Set<Int32> = []
        return self[enumeration].values.filter { numbers.insert($0.number).inserted }.map(\.name)
    }

    /// The other names, which requests may have.
    func aliases(of enumeration: EnumIndex) -> [String] {
        var numbers: Set<Int32> = []
        return self[enumeration].values.filter { !numbers.insert($0.number).inserted }.map(\.name)
    }
}
