import Testing

@testable import OpenAPI

struct MessageFormsTests {
    static let answers: [(field: String, form: JSONValue)] = [
        ("doubleValue", ["anyOf": [["type": "number", "format": "double"], special]]),
        ("int32Value", ["type": "integer", "format": "int32"]),
        ("fixed32Value", ["type": "integer", "format": "uint32", "minimum": 0]),
        ("sint64Value", ["type": "string", "format": "int64", "pattern": "^-?(0|[1-9][0-9]{0,18})$"]),
        ("boolValue", ["type": "boolean"]),
        ("bytesValue", ["type": "string", "format": "byte", "contentEncoding": "base64"]),
        ("kind", ["$ref": "#/components/schemas/Kind"]),
        ("leaf", ["$ref": "#/components/schemas/Leaf"]),
        ("strings", ["type": "array", "items": ["type": "string"]]),
        ("leaves", ["type": "array", "items": ["$ref": "#/components/schemas/Leaf"]]),
        ("timestamp", ["type": "string", "format": "date-time"]),
        ("structure", ["type": "object", "additionalProperties": true]),
        ("value", ["description": "Any JSON value."]),
        ("list", ["type": "array", "items": [:]]),
        ("boxedBool", ["type": "boolean"]),
        ("nullChoice", ["type": "null"]),
        ("byString", ["type": "object", "additionalProperties": ["type": "string"]]),
        (
            "byBool",
            [
                "type": "object", "propertyNames": ["enum": ["true", "false"]],
                "additionalProperties": ["$ref": "#/components/schemas/Leaf"],
            ]
        ),
        (
            "byInt32",
            [
                "type": "object", "propertyNames": ["pattern": "^-?(0|[1-9][0-9]{0,18})$"],
                "additionalProperties": ["type": "integer", "format": "int32"],
            ]
        ),
    ]

    private static let special: JSONValue = ["type": "string", "enum": ["NaN", "Infinity", "-Infinity"]]

    @Test(arguments: answers)
    func answerForm(_ sample: (field: String, form: JSONValue)) throws {
        let rich = try Documents.library().schema("Rich")
        #expect(rich.at("properties", sample.field) == sample.form)
    }

    static let requests: [(field: String, form: JSONValue)] = [
        ("stringValue", ["type": ["string", "null"]]),
        (
            "int64Value",
            [
                "type": ["string", "integer", "null"], "format": "int64",
                "pattern": "^-?(0|[1-9][0-9]{0,18})$",
            ]
        ),
        ("kind", ["anyOf": [["$ref": "#/components/schemas/KindInput"], ["type": "null"]]]),
        ("leaf", ["anyOf": [["$ref": "#/components/schemas/LeafInput"], ["type": "null"]]]),
        ("strings", ["type": ["array", "null"], "items": ["type": "string"]]),
        ("value", ["description": "Any JSON value."]),
        ("nullChoice", ["enum": [.null, "NULL_VALUE", 0]]),
        (
            "floatValue",
            ["anyOf": [["type": "number", "format": "float"], special, ["type": "null"]]]
        ),
    ]

    @Test(arguments: requests)
    func requestForm(_ sample: (field: String, form: JSONValue)) throws {
        let rich = try Documents.library().schema("RichInput")
        #expect(rich.at("properties", sample.field) == sample.form)
        #expect(rich["additionalProperties"] == false)
    }

    /// Fields without presence are there whatever they hold.
    @Test
    func fieldsThatAreAlwaysAnswered() throws {
        let rich = try Documents.library().schema("Rich")
        let required = Set((rich["required"]?.array ?? []).compactMap(\.string))
        #expect(required.isSuperset(of: ["doubleValue", "kind", "strings", "byBool", "furthest"]))
        #expect(required.isDisjoint(with: ["leaf", "maybeInt32", "boolChoice", "timestamp", "boxedBool"]))
        #expect(try Documents.library().schema("RichInput")["required"] == nil)

        var options = OpenAPIOptions()
        options.omitsDefaults = true
        let omitting = try Documents.library(options)
        #expect(try omitting.schema("Rich")["required"] == nil)
        // proto2's own word.
        #expect(try omitting.schema("Legacy")["required"] == ["id"])
        #expect(try Documents.library().schema("LegacyInput")["required"] == ["id"])
    }

    @Test
    func proto2() throws {
        let legacy = try Documents.library().schema("Legacy")
        #expect(legacy.at("properties", "count", "default") == "-7")
        #expect(legacy.at("properties", "name", "default") == "nobody")
        #expect(legacy.at("properties", "color", "default") == "GREEN")
        #expect(legacy.at("properties", "flag", "default") == true)
        #expect(legacy.at("properties", "blob", "default") == nil)
        #expect(legacy.at("properties", "part", "$ref") == "#/components/schemas/Part")
        #expect(legacy.at("properties", "[rich.nickname]", "type") == "string")
    }

    @Test
    func oneofs() throws {
        let book = try Documents.library().schema("library.v1beta1.Book")
        let members: JSONValue = ["paper", "file", "error"]
        #expect(
            book["x-oneofs"] == [["name": "medium", "description": "How it can be had.", "members": members]]
        )
        let each: [JSONValue] = [["required": ["paper"]], ["required": ["file"]], ["required": ["error"]]]
        #expect(book["allOf"] == [["oneOf": .array(each + [["not": ["anyOf": .array(each)]]])]])
    }

    @Test
    func whatTheDeclarationDemands() throws {
        let book = try Documents.library().schema("library.v1beta1.BookInput")
        #expect(book["required"] == ["title", "language", "authors"])
        #expect(book.at("properties", "title", "minLength") == 1)
        #expect(book.at("properties", "title", "pattern") == "^[A-Z]")
        #expect(book.at("properties", "title", "type") == "string")
        #expect(book.at("properties", "authors", "minItems") == 1)
        #expect(book.at("properties", "language", "not") == ["enum": ["LANGUAGE_UNSPECIFIED", 0]])
        #expect(book.at("properties", "name", "readOnly") == true)
    }

    @Test
    func enums() throws {
        let document = try Documents.library()
        let language = try document.schema("Language")
        let known = try #require(language["anyOf"]?.array?.first)
        #expect(known["type"] == "string")
        #expect(known["enum"] == ["LANGUAGE_UNSPECIFIED", "LANGUAGE_DE", "LANGUAGE_EN"])
        #expect(known["x-enum-descriptions"] == ["LANGUAGE_UNSPECIFIED": "Not said.", "LANGUAGE_DE": "German."])
        #expect(known["x-enum-deprecated"] == ["LANGUAGE_EN"])
        // What a newer service may answer is a number without a name here.
        #expect(language["anyOf"]?.array?.last?["type"] == "integer")
        #expect(language["anyOf"]?.array?.last?["enum"] == nil)
        let input = try document.schema("LanguageInput")
        #expect(input["anyOf"]?.array?.first == known)
        #expect(input["anyOf"]?.array?.last?["enum"] == [0, 1, 2])
        // Two names of one number.
        #expect(try document.schema("Alias")["anyOf"]?.array?.first?["enum"]?.array?.count == 4)
        #expect(try document.schema("AliasInput")["anyOf"]?.array?.last?["enum"] == [0, 1, -1])
    }

    @Test
    func options() throws {
        var options = OpenAPIOptions()
        options.usesOriginalNames = true
        options.printsEnumsAsNumbers = true
        options.ignoresUnknownFields = true
        let document = try Documents.library(options)
        let book = try document.schema("library.v1beta1.Book")
        #expect(book.at("properties", "printed_at", "format") == "date-time")
        let input = try document.schema("library.v1beta1.BookInput")
        #expect(input["additionalProperties"] == nil)
        let known = try #require(try document.schema("Language")["anyOf"]?.array?.first)
        #expect(known["enum"] == [0, 1, 2])
        #expect(known["type"] == "integer")
        let choices = try #require(try document.schema("LanguageInput")["anyOf"]?.array)
        #expect(choices.compactMap { $0["type"]?.string } == ["string", "string", "integer"])
    }
}
