import ProtobufSchema

/// Reads ``DescriptorNotes`` file by file.
///
/// Numbers are those of descriptor.proto. A path tells where a declaration stands in its file: field number, place, field
/// number, place and so on.
struct NotesReader {
    private(set) var notes = DescriptorNotes()
    private var comments = SourceComments()

    mutating func read(set bytes: UnsafeRawBufferPointer) {
        var reader = WireReader(bytes)
        // A file that cannot be read keeps what was read of it until then.
        do throws(WireError) {
            while let tag = try reader.nextTag() {
                guard tag.number == 1, tag.wireType == .lengthDelimited else {
                    try reader.skip(tag)
                    continue
                }
                try read(file: try reader.readBytes())
            }
        } catch {
            return
        }
    }

    private mutating func read(file bytes: UnsafeRawBufferPointer) throws(WireError) {
        comments = SourceComments()
        var scope = ""
        // Comments and package stand behind what they are about, or may do so.
        var first = WireReader(bytes)
        while let tag = try first.nextTag() {
            switch (tag.number, tag.wireType) {
            case (2, .lengthDelimited): scope = try first.text()
            case (9, .lengthDelimited): try comments.read(try first.readBytes())
            default: try first.skip(tag)
            }
        }
        var reader = WireReader(bytes)
        var places = Places()
        while let tag = try reader.nextTag() {
            guard [4, 5, 6, 7].contains(tag.number), tag.wireType == .lengthDelimited else {
                try reader.skip(tag)
                continue
            }
            let path = [tag.number, places.next(tag.number)]
            let content = try reader.readBytes()
            switch tag.number {
            case 4: try read(message: content, scope, path, depth: 0)
            case 5: try read(enumeration: content, scope, path)
            case 6: try read(service: content, scope, path)
            default: try read(extension: content, scope, path)
            }
        }
    }

    // MARK: Messages

    private mutating func read(
        message bytes: UnsafeRawBufferPointer,
        _ scope: String,
        _ path: [Int32],
        depth: Int
    ) throws(WireError) {
        guard depth < WireReader.maximumDepth else { throw .tooDeep }
        let fullName = NotesReader.join(scope, try NotesReader.name(bytes))
        var message = DescriptorNotes.MessageNote()
        message.note.comment = comments[path]
        var places = Places()
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            guard [2, 3, 4, 6, 7, 8].contains(tag.number), tag.wireType == .lengthDelimited else {
                try reader.skip(tag)
                continue
            }
            let content = try reader.readBytes()
            if tag.number == 7 {
                message.note.isDeprecated = try NotesReader.flag(3, in: content)
                continue
            }
            let part = path + [tag.number, places.next(tag.number)]
            switch tag.number {
            case 2:
                var field = try FieldNoteReader(content)
                field.note.note.comment = comments[part]
                field.note.order = Int(part[part.count - 1])
                message.fields[field.number] = field.note
            case 3: try read(message: content, fullName, part, depth: depth + 1)
            case 4: try read(enumeration: content, fullName, part)
            case 6: try read(extension: content, fullName, part)
            default:
                let name = try NotesReader.name(content)
                message.oneofs.append((name, DescriptorNotes.Note(comment: comments[part])))
            }
        }
        notes.messages[fullName] = message
    }

    private mutating func read(
        extension bytes: UnsafeRawBufferPointer,
        _ scope: String,
        _ path: [Int32]
    ) throws(WireError) {
        var field = try FieldNoteReader(bytes)
        field.note.note.comment = comments[path]
        notes.extensions[NotesReader.join(scope, field.name)] = field.note
    }

    // MARK: Enums

    private mutating func read(
        enumeration bytes: UnsafeRawBufferPointer,
        _ scope: String,
        _ path: [Int32]
    ) throws(WireError) {
        let fullName = NotesReader.join(scope, try NotesReader.name(bytes))
        var enumeration = DescriptorNotes.EnumNote()
        enumeration.note.comment = comments[path]
        var places = Places()
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (2, .lengthDelimited):
                let content = try reader.readBytes()
                var note = DescriptorNotes.Note(comment: comments[path + [2, places.next(2)]])
                note.isDeprecated = try NotesReader.flag(1, inMessage: 3, of: content)
                enumeration.values[try NotesReader.name(content)] = note
            case (3, .lengthDelimited):
                enumeration.note.isDeprecated = try NotesReader.flag(3, in: try reader.readBytes())
            default: try reader.skip(tag)
            }
        }
        notes.enums[fullName] = enumeration
    }

    // MARK: Services

    private mutating func read(
        service bytes: UnsafeRawBufferPointer,
        _ scope: String,
        _ path: [Int32]
    ) throws(WireError) {
        let fullName = NotesReader.join(scope, try NotesReader.name(bytes))
        var service = DescriptorNotes.Note(comment: comments[path])
        service.isDeprecated = try NotesReader.flag(33, inMessage: 3, of: bytes)
        notes.services[fullName] = service
        var places = Places()
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            guard tag.number == 2, tag.wireType == .lengthDelimited else {
                try reader.skip(tag)
                continue
            }
            let content = try reader.readBytes()
            var method = DescriptorNotes.Note(comment: comments[path + [2, places.next(2)]])
            method.isDeprecated = try NotesReader.flag(33, inMessage: 4, of: content)
            notes.methods[NotesReader.join(fullName, try NotesReader.name(content))] = method
        }
    }
}

extension NotesReader {
    /// Counts declarations of each kind.
    private struct Places {
        private var counts: [Int32: Int32] = [:]

        mutating func next(_ number: Int32) -> Int32 {
            let place = counts[number] ?? 0
            counts[number] = place + 1
            return place
        }
    }

    private static func join(_ scope: String, _ name: String) -> String { scope.isEmpty ? name : "\(scope).\(name)" }

    /// Field 1 of every descriptor.
    private static func name(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> String {
        var reader = WireReader(bytes)
        var name = ""
        while let tag = try reader.nextTag() {
            if tag.number == 1, tag.wireType == .lengthDelimited {
                name = try reader.text()
            } else {
                try reader.skip(tag)
            }
        }
        return name
    }

    /// The bool with this number in a serialized options message.
    private static func flag(_ number: Int32, in bytes: UnsafeRawBufferPointer) throws(WireError) -> Bool {
        var reader = WireReader(bytes)
        var flag = false
        while let tag = try reader.nextTag() {
            if tag.number == number, tag.wireType == .varint {
                flag = try reader.readVarint() != 0
            } else {
                try reader.skip(tag)
            }
        }
        return flag
    }

    /// The bool with this number in the options that are field `options` of a descriptor.
    private static func flag(
        _ number: Int32,
        inMessage options: Int32,
        of bytes: UnsafeRawBufferPointer
    ) throws(WireError) -> Bool {
        var reader = WireReader(bytes)
        var flag = false
        while let tag = try reader.nextTag() {
            if tag.number == options, tag.wireType == .lengthDelimited {
                flag = try NotesReader.flag(number, in: try reader.readBytes()) || flag
            } else {
                try reader.skip(tag)
            }
        }
        return flag
    }
}

extension WireReader {
    /// A string, repaired where it is not UTF-8.
    mutating func text() throws(WireError) -> String { String(decoding: try readBytes(), as: UTF8.self) }
}
