import Foundation
import LocalTraining
import Testing

@Suite struct APIKeysTests {
    @Test(
        arguments: [
            "id key", "id key\n", "\n\n id\tkey \r\n", "# a comment\nid key", "  #id other\nid key\n#",
            "id \t key\r\n\r\n", "other x\nid key\nthird key",
        ]
    )
    func reads(_ contents: String) throws {
        let keys = try APIKeys(Array(contents.utf8), file: "keys")
        #expect(keys.isValid("key", for: "id"))
        let others = [("Key", "id"), ("ke", "id"), ("keyy", "id"), ("", "id"), ("key", "ID"), ("key", ""), ("", "no")]
        for (key, id) in others {
            #expect(!keys.isValid(key, for: id), "\(key) for \(id)")
        }
    }

    @Test func takesWhateverIsVisible() throws {
        let key = String(decoding: (0x21...0x7E).map { UInt8($0) }, as: UTF8.self)
        let keys = try APIKeys(Array("a#\"\\ \(key)\nb #\(key)".utf8), file: "keys")
        #expect(keys.isValid(key, for: "a#\"\\") && keys.isValid("#" + key, for: "b"))
    }

    @Test(
        arguments: [
            ("", "keys: holds no API key"),
            ("\n# id SECRET\n  \n", "keys: holds no API key"),
            ("SECRET", "keys:1: is not a key id and a key with white space between them"),
            ("a b\n\nid SECRET # mine", "keys:3: is not a key id and a key with white space between them"),
            ("a b\na SECRET", "keys:2: has the key id of line 1 again"),
            ("#\na SECRET\nb c\na SECRET", "keys:4: has the key id of line 2 again"),
            ("id SECRÉT", "keys:1: has a character that is not visible ASCII"),
            ("id SECRET\0", "keys:1: has a character that is not visible ASCII"),
            ("i\u{7F}d SECRET", "keys:1: has a character that is not visible ASCII"),
            ("\u{FEFF}id SECRET", "keys:1: has a character that is not visible ASCII"),
            (
                "a b\nid " + String(repeating: "SECRET", count: 171),
                "keys:2: has a key id or a key of more than 1024 bytes"
            ),
        ]
    )
    func complains(_ contents: String, _ complaint: String) {
        let error = #expect(throws: InputFileError.self) { try APIKeys(Array(contents.utf8), file: "keys") }
        #expect(error?.description == complaint)
        #expect(!complaint.contains("SECR"))
    }

    @Test func readsAFile() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/keys"
        try Data("id key\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(try APIKeys(file: path).isValid("key", for: "id"))

        try Data(repeating: 0x0A, count: 1 << 20).write(to: URL(fileURLWithPath: path))
        var error = #expect(throws: InputFileError.self) { try APIKeys(file: path) }
        #expect(error?.description == "\(path): holds no API key")
        try Data(repeating: 0x0A, count: 1 << 20 + 1).write(to: URL(fileURLWithPath: path))
        error = #expect(throws: InputFileError.self) { try APIKeys(file: path) }
        #expect(error?.description == "\(path): is larger than 1048576 bytes")
        error = #expect(throws: InputFileError.self) { try APIKeys(file: path + "-not") }
        #expect(error?.description == "\(path)-not: No such file or directory")
        error = #expect(throws: InputFileError.self) { try APIKeys(file: folder.path) }
        #expect(error?.description == "\(folder.path): Is a directory")
    }

    @Test func printsNoKey() throws {
        let keys = try APIKeys(Array("id SECRET".utf8), file: "keys")
        var text = ""
        dump(keys, to: &text)
        #expect(!text.contains("SECRET") && !"\(keys)".contains("SECRET"))
    }
}
