import OpenAPI
import ProtobufSchema

/// Writes the types of enums.
struct EnumEmitter {
    let schema: Schema
    let notes: DescriptorNotes
    let names: TypeNames

    /// Writes the names that the gateway prints as a union, and the others as another one.
    func emit(_ enumeration: EnumIndex, to source: inout SourceText) {
        let (name, inputName) = (names.name(of: enumeration, .answer), names.name(of: enumeration, .request))
        let fullName = schema[enumeration].fullName
        let note = notes.enums[fullName]
        var comment = DocComment(note?.note.comment.text, isDeprecated: note?.note.isDeprecated == true)
        if comment.isEmpty { comment.add("`\(fullName)`.", isOwn: true) }
        source.line()
        source.comment(comment)
        emit(name, [], schema.printedNames(of: enumeration), note, to: &source)
        guard name != inputName else { return }
        source.line()
        source.comment(comment)
        emit(inputName, [name], schema.aliases(of: enumeration), note, to: &source)
    }

    private func emit(
        _ name: String,
        _ others: [String],
        _ values: [String],
        _ note: DescriptorNotes.EnumNote?,
        to source: inout SourceText
    ) {
        source.line("export type \(name) =")
        source.indented { source in
            for other in others { source.line("| \(other)\(values.isEmpty ? ";" : "")") }
            for (index, value) in values.enumerated() {
                let valueNote = note?.values[value]
                source.comment(DocComment(valueNote?.comment.text, isDeprecated: valueNote?.isDeprecated == true))
                source.line("| \(TypeScriptText.quoted(value))\(index == values.count - 1 ? ";" : "")")
            }
            if others.isEmpty, values.isEmpty { source.line("never;") }
        }
    }
}
