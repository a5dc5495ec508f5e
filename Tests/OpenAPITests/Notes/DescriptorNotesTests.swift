import Testing

@testable import OpenAPI

struct DescriptorNotesTests {
    let notes: DescriptorNotes

    init() throws {
        notes = DescriptorNotes(descriptorSet: try Documents.librarySet())
    }

    @Test
    func commentsOfEveryDeclaration() {
        #expect(notes.services["library.v1beta1.Library"]?.comment.text == "Lends books.")
        #expect(notes.methods["library.v1beta1.Library.DeleteBook"]?.comment.text == "Removes a book.")
        #expect(notes.messages["library.v1beta1.Node"]?.note.comment.text == "Recurs.")
        #expect(notes.messages["library.v1beta1.Shelf.Book"]?.note.comment.text == "Not that one.")
        #expect(notes.messages["library.v1beta1.Book"]?.fields[1]?.note.comment.text == "Where it stands.")
        let language = notes.enums["library.v1beta1.Language"]
        #expect(language?.values["LANGUAGE_UNSPECIFIED"]?.comment.text == "Not said.")
        // There is no leading comment, so the trailing one counts.
        #expect(language?.values["LANGUAGE_DE"]?.comment.text == "German.")
        let medium = notes.messages["library.v1beta1.Book"]?.oneofs.first
        #expect(medium?.name == "medium")
        #expect(medium?.note.comment.text == "How it can be had.")
    }

    @Test
    func deprecation() {
        #expect(notes.services["library.v1beta1.Archive"]?.isDeprecated == true)
        #expect(notes.services["library.v1beta1.Library"]?.isDeprecated == false)
        #expect(notes.methods["library.v1beta1.Library.DeleteBook"]?.isDeprecated == true)
        #expect(notes.messages["library.v1beta1.GetBookRequest"]?.fields[4]?.note.isDeprecated == true)
        #expect(notes.enums["library.v1beta1.Language"]?.values["LANGUAGE_EN"]?.isDeprecated == true)
        #expect(notes.enums["library.v1beta1.Language"]?.values["LANGUAGE_DE"]?.isDeprecated == false)
    }

    @Test
    func whatFieldsHold() throws {
        let book = try #require(notes.messages["library.v1beta1.Book"])
        #expect(book.fields[1]?.isOutputOnly == true)
        #expect(book.fields[2]?.isRequired == true)
        #expect(book.fields[2]?.examples == ["Emil und die Detektive"])
        #expect(book.fields[2]?.pattern == "^[A-Z]")
        #expect(book.fields[3]?.isRequired == false)
        let request = try #require(notes.messages["library.v1beta1.GetBookRequest"])
        #expect(request.fields[6]?.examples == ["colour=red", "size=a=b"])
        #expect(request.fields.mapValues(\.order)[6] == 5)
        #expect(notes.messages["rich.Legacy"]?.fields[3]?.defaultText == "-7")
        #expect(notes.extensions["rich.nickname"] != nil)
        #expect(notes.extensions["rich.Needy.needy_extension"] != nil)
    }

    /// Whatever a set is cut down to, reading it ends.
    @Test
    func setsThatAreCutShort() throws {
        let set = try Documents.librarySet()
        var known = 0
        for count in stride(from: 0, to: set.count, by: 97) {
            let notes = DescriptorNotes(descriptorSet: Array(set.prefix(count)))
            #expect(notes.messages.count >= known)
            known = notes.messages.count
        }
        #expect(known < notes.messages.count)
    }

    /// Nor do bytes matter that are others than they were.
    @Test
    func setsWithWrongBytes() throws {
        var set = try Documents.librarySet()
        var seed: UInt32 = 1
        for _ in 0..<300 {
            seed = seed &* 1_664_525 &+ 1_013_904_223
            set[Int(seed % UInt32(set.count))] = UInt8(truncatingIfNeeded: seed >> 24)
            _ = DescriptorNotes(descriptorSet: set)
        }
        #expect(DescriptorNotes(descriptorSet: [0xFF, 0xFF]).messages.isEmpty)
    }
}
