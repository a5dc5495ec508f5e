import Testing

@testable import OpenAPI

/// Descriptor sets that nobody has in good faith: whatever the schema's compiler takes becomes a document.
struct HostileSetTests {
    /// A set with one file, and a service with the method `M(In) returns (Out)`.
    private static func set(
        input: String = "In",
        output: String = "Out",
        _ build: (inout DescriptorText) -> Void
    ) -> [UInt8] {
        DescriptorText { set in
            set.message(1) { file in
                file.text(1, "f.proto")
                file.text(12, "proto3")
                build(&file)
                file.message(6) { service in
                    service.text(1, "S")
                    service.message(2) { method in
                        method.text(1, "M")
                        method.text(2, ".\(input)")
                        method.text(3, ".\(output)")
                    }
                }
            }
        }.bytes
    }

    private static func document(_ set: [UInt8]) throws -> OpenAPIDocument {
        let document = try Documents.make(set, mapsMethodsWithoutRule: true)
        #expect(!document.json().isEmpty)
        #expect(try !document.yaml().isEmpty)
        return document
    }

    private static func field(
        _ message: inout DescriptorText,
        _ name: String,
        _ number: Int,
        type: Int = 9,
        typeName: String? = nil,
        label: Int = 1
    ) {
        message.message(2) { field in
            field.text(1, name)
            field.varint(3, number)
            field.varint(4, label)
            field.varint(5, type)
            if let typeName { field.text(6, typeName) }
        }
    }

    /// Names that are no identifiers: they stay apart, and component names are such as OpenAPI allows.
    @Test
    func namesOfAllSorts() throws {
        let names = [
            "a b", "a\u{0}b", "ä", "ö", "#/x", "{}", "\"", "Error", "InInput", String(repeating: "x", count: 5000),
        ]
        let set = HostileSetTests.set(input: "In", output: "In") { file in
            for name in names { file.message(4) { $0.text(1, name) } }
            file.message(4) { message in
                message.text(1, "In")
                for (place, name) in names.enumerated() {
                    HostileSetTests.field(&message, "f\(name)", place + 1, type: 11, typeName: ".\(name)")
                }
            }
        }
        let document = try HostileSetTests.document(set)
        let schemas = try #require(document.root.at("components", "schemas")?.object?.keys)
        #expect(schemas.allSatisfy { $0.utf8.allSatisfy { $0 < 0x7F && $0 > 0x20 && $0 != UInt8(ascii: "/") } })
        #expect(schemas.count == 2 * (names.count + 1) + 3)
    }

    /// Each message has ten fields of the next one: a tree of them would have more leaves than memory.
    @Test
    func wideAndDeepMessages() throws {
        let set = HostileSetTests.set(input: "L0", output: "L0") { file in
            for level in 0..<60 {
                file.message(4) { message in
                    message.text(1, "L\(level)")
                    for place in 1...10 where level < 59 {
                        let label = place > 5 ? 3 : 1
                        HostileSetTests.field(
                            &message,
                            "f\(place)",
                            place,
                            type: 11,
                            typeName: ".L\(level + 1)",
                            label: label
                        )
                    }
                    HostileSetTests.field(&message, "leaf", 11)
                }
            }
        }
        _ = try HostileSetTests.document(set)
    }

    @Test
    func hugeEnum() throws {
        let set = HostileSetTests.set(input: "In", output: "In") { file in
            file.message(5) { enumeration in
                enumeration.text(1, "E")
                for number in 0..<20_000 {
                    enumeration.message(2) { value in
                        value.text(1, "V\(number)")
                        value.varint(2, number)
                    }
                }
            }
            file.message(4) { message in
                message.text(1, "In")
                HostileSetTests.field(&message, "e", 1, type: 14, typeName: ".E")
            }
        }
        let document = try HostileSetTests.document(set)
        #expect(try document.schema("E")["anyOf"]?.array?.first?["enum"]?.array?.count == 20_000)
    }

    /// Comments may be anything, and paths of the source information may lead nowhere.
    @Test
    func commentsOfAllSorts() throws {
        let comment = Array("\u{0}\u{1B}[0m */ <script>\n---\n...\n%YAML 1.2\n- a: {b\n".utf8) + [0xFF, 0xC0, 0x0A]
        let set = HostileSetTests.set(input: "In", output: "In") { file in
            file.message(4) { $0.text(1, "In") }
            file.message(9) { source in
                for path in [[4, 0], [6, 0], [6, 0, 2, 0], [4, 99], [], [-1, -1], Array(repeating: 4, count: 300)] {
                    source.message(1) { location in
                        for number in path { location.varint(1, number) }
                        location.content(3, comment)
                    }
                }
            }
        }
        let document = try HostileSetTests.document(set)
        let text = try #require(document.schema("In")["description"]?.string)
        #expect(text.hasPrefix("[0m */ <script>\n---\n...\n%YAML 1.2\n- a: {b"))
    }

    /// A message that cannot be complete, and fields of every kind that require it.
    @Test
    func requiredCircles() throws {
        let set = HostileSetTests.set(input: "In", output: "In") { file in
            file.text(12, "proto2")
            file.message(4) { message in
                message.text(1, "A")
                HostileSetTests.field(&message, "b", 1, type: 11, typeName: ".B", label: 2)
            }
            file.message(4) { message in
                message.text(1, "B")
                HostileSetTests.field(&message, "a", 1, type: 11, typeName: ".A", label: 2)
            }
            file.message(4) { message in
                message.text(1, "In")
                HostileSetTests.field(&message, "one", 1, type: 11, typeName: ".A")
                HostileSetTests.field(&message, "many", 2, type: 11, typeName: ".A", label: 3)
                HostileSetTests.field(&message, "self", 3, type: 10, typeName: ".In")
            }
        }
        let document = try HostileSetTests.document(set)
        let body = try document.operation("post", "/S/M").at("requestBody", "content", "application/json")
        #expect(body?["example"] == [:])
    }
}
