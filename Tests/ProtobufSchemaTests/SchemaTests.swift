import ProtobufSchema
import Testing

@Suite
struct SchemaTests {
    let schema: Schema

    init() throws {
        schema = try SampleSchema.load()
    }

    private func field(_ name: String, of message: String) throws -> FieldInfo {
        let index = try #require(schema.message(named: message))
        return schema[try #require(schema.field(named: name, in: index))]
    }

    @Test(arguments: ["sample.v1.Everything", "google.protobuf.Timestamp", "sample.v1.Everything.ArgumentsEntry"])
    func findsMessagesByFullName(name: String) throws {
        let index = try #require(schema.message(named: name))
        #expect(schema.name(of: index) == name)
    }

    @Test(arguments: ["", ".sample.v1.Everything", "sample.v1", "sample.v1.Everythin", "sample.v1.Level"])
    func findsNoOtherMessages(name: String) {
        #expect(schema.message(named: name) == nil)
    }

    @Test
    func findsEveryFieldByBothNamesAndByNumber() throws {
        for message in schema.messages {
            var previous: Int32 = 0
            for index in schema.fields(of: message) {
                let info = schema[index]
                #expect(info.number > previous)
                previous = info.number
                #expect(schema.field(named: info.jsonName, in: message) == index)
                #expect(schema.field(named: info.name, in: message) != nil)
                let found = schema.tables.field(number: info.number, in: schema.tables[message])
                #expect(found.map { schema.tables.index(of: $0) } == index)
            }
        }
    }

    @Test(arguments: [0, 19, 20, 82, 99_999, 100_001, 536_870_911] as [Int32])
    func findsNoFieldUnderOtherNumbers(number: Int32) throws {
        let message = try #require(schema.message(named: "sample.v1.Everything"))
        #expect(schema.tables.field(number: number, in: schema.tables[message]) == nil)
    }

    @Test(arguments: [
        ("double_value", FieldKind.double, Cardinality.implicit, "doubleValue"),
        ("inner", .message, .explicit, "inner"),
        ("maybe_int32", .int32, .explicit, "maybeInt32"),
        ("int32s", .int32, .packed, "int32s"),
        ("strings", .string, .repeated, "strings"),
        ("loose", .int32, .repeated, "loose"),
        ("levels", .enumeration, .packed, "levels"),
        ("arguments", .message, .map, "arguments"),
        ("text_choice", .string, .explicit, "textChoice"),
        ("renamed", .string, .implicit, "other\"Name"),
    ])
    func knowsKindsAndCardinalities(name: String, kind: FieldKind, cardinality: Cardinality, json: String) throws {
        let info = try field(name, of: "sample.v1.Everything")
        #expect(info.kind == kind)
        #expect(info.cardinality == cardinality)
        #expect(info.jsonName == json)
        #expect((info.oneof != nil) == (name == "text_choice"))
    }

    @Test(arguments: [
        ("sample.legacy.Legacy", "id", FieldKind.string, Cardinality.required),
        ("sample.legacy.Legacy", "color", .enumeration, .explicit),
        ("sample.legacy.Legacy", "loose", .int32, .repeated),
        ("sample.legacy.Legacy", "tight", .int32, .packed),
        ("sample.legacy.Legacy", "part", .group, .explicit),
        ("sample.legacy.Legacy", "[sample.legacy.nickname]", .string, .explicit),
        ("sample.edition.Modern", "plain", .string, .implicit),
        ("sample.edition.Modern", "tracked", .string, .explicit),
        ("sample.edition.Modern", "needed", .string, .required),
        ("sample.edition.Modern", "run", .int32, .packed),
        ("sample.edition.Modern", "loose", .int32, .repeated),
        ("sample.edition.Modern", "part", .group, .explicit),
        ("sample.delimited.Tree", "items", .message, .map),
        ("sample.delimited.Tree", "item", .group, .explicit),
        ("sample.delimited.Tree", "list", .group, .repeated),
        ("sample.delimited.Tree.ItemsEntry", "value", .message, .explicit),
    ])
    func resolvesSyntaxAndFeatures(
        message: String,
        name: String,
        kind: FieldKind,
        cardinality: Cardinality
    ) throws {
        let info = try field(name, of: message)
        #expect(info.kind == kind)
        #expect(info.cardinality == cardinality)
    }

    @Test
    func resolvesClosedEnums() throws {
        let color = try #require(try field("color", of: "sample.legacy.Legacy").childEnum)
        #expect(schema[color].isClosed)
        let shut = try #require(try field("shut", of: "sample.edition.Modern").childEnum)
        #expect(schema[shut].isClosed)
        let level = try #require(try field("level", of: "sample.v1.Everything").childEnum)
        #expect(!schema[level].isClosed)
    }

    @Test
    func findsEnumValuesBothWays() throws {
        let tables = schema.tables
        let level = tables[try #require(try field("level", of: "sample.v1.Everything").childEnum)]
        let expected: [(String, Int32)] = [
            ("LEVEL_UNSPECIFIED", 0), ("LEVEL_LOW", 1), ("LEVEL_HIGH", 2), ("LEVEL_BELOW", -1),
            ("LEVEL_FAR", 1_000_000),
        ]
        for (name, number) in expected {
            #expect(Array(name.utf8).withUnsafeBytes { tables.number(named: $0, in: level) } == number)
            let quoted = tables.value(numbered: number, in: level).map { tables.string($0.pointee.quotedName) }
            #expect(quoted == "\"\(name)\"")
        }
        #expect(tables.value(numbered: 3, in: level) == nil)
        #expect(tables.value(numbered: -2, in: level) == nil)
        #expect(tables.string(level.pointee.prefix) == "LEVEL_")
        let aliased = tables[try #require(try field("aliased", of: "sample.v1.Everything").childEnum)]
        let first = tables.value(numbered: 1, in: aliased).map { tables.string($0.pointee.quotedName) }
        #expect(first == "\"ALIASED_ONE\"")
        #expect(Array("ALIASED_FIRST".utf8).withUnsafeBytes { tables.number(named: $0, in: aliased) } == 1)
    }

    @Test
    func rendersKeysTagsAndDefaults() throws {
        let tables = schema.tables
        func key(_ name: String) throws -> (key: String, original: String, tag: UInt64) {
            let entry = tables[try field(name, of: "sample.v1.Everything").index].pointee
            return (
                tables.string(TextRange(offset: entry.keyOffset, count: entry.keyLength + entry.defaultLength)),
                tables.string(
                    TextRange(offset: entry.originalKeyOffset, count: entry.originalKeyLength + entry.defaultLength)
                ),
                entry.tag
            )
        }
        #expect(try key("int64_value") == (",\"int64Value\":\"0\"", ",\"int64_value\":\"0\"", 0x18))
        #expect(try key("level").key == ",\"level\":\"LEVEL_UNSPECIFIED\"")
        #expect(try key("strings") == (",\"strings\":[]", ",\"strings\":[]", 0x029A))
        #expect(try key("arguments").key == ",\"arguments\":{}")
        #expect(try key("inner").key == ",\"inner\":")
        #expect(try key("renamed").key == ",\"other\\\"Name\":\"\"")
    }

    @Test
    func listsServices() throws {
        let service = try #require(schema.services.first { $0.fullName == "sample.v1.Samples" })
        #expect(service.file == "sample.proto")
        #expect(service.methods.map(\.name) == ["GetSample", "Watch", "Upload"])
        let get = service.methods[0]
        #expect(schema.name(of: get.input) == "sample.v1.GetSampleRequest")
        #expect(schema.name(of: get.output) == "sample.v1.Everything")
        #expect(get.idempotency == .noSideEffects)
        #expect(get.line == 20)
        #expect(!get.options.isEmpty)
        #expect(service.methods.map(\.isServerStreaming) == [false, true, false])
        #expect(service.methods.map(\.isClientStreaming) == [false, false, true])
    }

    @Test(arguments: [
        ("sample.v1.Everything", WellKnownType.none), ("google.protobuf.Any", .any),
        ("google.protobuf.Timestamp", .timestamp), ("google.protobuf.Struct", .structure),
        ("google.protobuf.BytesValue", .bytesValue), ("google.protobuf.Empty", .empty),
    ])
    func knowsWellKnownTypes(name: String, type: WellKnownType) throws {
        #expect(schema.wellKnownType(of: try #require(schema.message(named: name))) == type)
    }
}
