import Bytes
import ProtobufSchema
import Testing

/// Descriptors by hand, for what protoc would not make.
private struct Proto {
    private(set) var bytes: [UInt8] = []

    func string(_ number: Int32, _ text: String) -> Proto { content(number, Array(text.utf8)) }

    func message(_ number: Int32, _ message: Proto) -> Proto { content(number, message.bytes) }

    func varint(_ number: Int32, _ value: UInt64) -> Proto {
        var buffer = ByteBuffer()
        buffer.appendTag(number: number, .varint)
        buffer.appendVarint(value)
        return Proto(bytes: bytes + Array(buffer.bytes))
    }

    private func content(_ number: Int32, _ content: [UInt8]) -> Proto {
        var buffer = ByteBuffer()
        buffer.appendTag(number: number, .lengthDelimited)
        content.withUnsafeBytes { buffer.appendLengthDelimited($0) }
        return Proto(bytes: bytes + Array(buffer.bytes))
    }

    /// A proto3 file with package `p`.
    static func file(_ name: String = "a.proto") -> Proto {
        Proto().string(1, name).string(2, "p").string(12, "proto3")
    }

    static func field(_ name: String, _ number: UInt64, type: UInt64 = 9, typeName: String? = nil) -> Proto {
        let field = Proto().string(1, name).varint(3, number).varint(4, 1).varint(5, type)
        return typeName.map { field.string(6, $0) } ?? field
    }
}

@Suite
struct SchemaErrorTests {
    private func error(_ files: [Proto]) -> SchemaError? {
        let set = files.reduce(Proto()) { $0.message(1, $1) }
        do throws(SchemaError) {
            _ = try Schema(descriptorSet: set.bytes)
            return nil
        } catch {
            return error
        }
    }

    private func message(_ fields: Proto...) -> Proto {
        Proto.file().message(4, fields.reduce(Proto().string(1, "M")) { $0.message(2, $1) })
    }

    @Test
    func takesTheEmptySet() throws {
        #expect(error([]) == nil)
        #expect(error([Proto.file(), Proto.file()]) == nil)
        #expect(error([message(.field("a", 1))]) == nil)
    }

    @Test
    func namesWhatIsMissing() {
        let missing = error([Proto.file().string(3, "google/api/http.proto")])
        #expect(missing == .missingImport(path: "google/api/http.proto", importedBy: "a.proto"))
        let unknown = error([message(.field("f", 1, type: 11, typeName: ".p.N"))])
        #expect(unknown == .unknownType(name: ".p.N", referencedBy: "p.M.f", file: "a.proto"))
        #expect(unknown?.description == "a.proto: p.M.f refers to \".p.N\", which the descriptor set does not define")
        let method = Proto().string(1, "Call").string(2, ".p.In").string(3, ".p.Out")
        let service = error([Proto.file().message(6, Proto().string(1, "S").message(2, method))])
        #expect(service == .unknownType(name: ".p.In", referencedBy: "p.S.Call", file: "a.proto"))
    }

    @Test
    func namesWhatIsThereTwice() {
        #expect(error([Proto.file(), Proto.file().string(3, "a.proto")]) == .duplicateFile(path: "a.proto"))
        let empty = Proto().string(1, "M")
        #expect(
            error([Proto.file().message(4, empty).message(4, empty)]) == .duplicateSymbol(name: "p.M", file: "a.proto")
        )
        let other = Proto.file("b.proto").message(4, empty)
        #expect(error([Proto.file().message(4, empty), other]) == .duplicateSymbol(name: "p.M", file: "b.proto"))
        #expect(error([message(.field("f", 1), .field("f", 2))]) == .duplicateSymbol(name: "p.M.f", file: "a.proto"))
    }

    /// Of two fields of one JSON name, which protoc only warns of in proto2, the one that is really called so keeps it.
    @Test(arguments: [["a_b", "aB"], ["aB", "a_b"]])
    func jsonNamesMayCollideInProto2(names: [String]) throws {
        var type = Proto().string(1, "M")
        for (index, name) in names.enumerated() { type = type.message(2, .field(name, UInt64(index + 1))) }
        let file = Proto().string(1, "a.proto").string(2, "p").message(4, type)
        let schema = try Schema(descriptorSet: Proto().message(1, file).bytes)
        let message = try #require(schema.message(named: "p.M"))
        for name in names {
            let field = try #require(schema.field(named: name, in: message))
            #expect(schema[field].name == name)
            #expect(schema[field].jsonName == name)
        }
    }

    @Test
    func refusesWhatNoCompilerTakes() {
        let cases: [(Proto, String)] = [
            (message(.field("f", 0)), "p.M.f has no valid field number"),
            (message(.field("f", 536_870_912)), "p.M.f has no valid field number"),
            (message(.field("f", .max)), "p.M.f has no valid field number"),
            (message(.field("f", 1), .field("g", 1)), "p.M uses field number 1 twice"),
            (message(.field("f", 1, type: 19)), "p.M.f has a type that does not exist"),
            (message(.field("f", 1, type: 257)), "p.M.f has a type that does not exist"),
            (message(.field("f_b", 1), .field("fB", 2)), "p.M has two fields with the JSON name \"fB\""),
            (message(.field("f", 1).varint(9, 0)), "p.M.f is in a oneof that its message does not have"),
            (Proto.file().message(5, Proto().string(1, "E")), "p.E is an enum without values"),
            (Proto.file().string(12, "proto9"), "syntax or edition is not one this program knows"),
            (
                Proto.file().message(4, Proto().string(1, "M").message(7, Proto().varint(7, 1))),
                "p.M is not a valid map entry"
            ),
            (
                Proto().string(1, "a.proto").string(2, "google.protobuf").message(4, Proto().string(1, "Timestamp")),
                "google.protobuf.Timestamp is not the well-known type of that name"
            ),
        ]
        for (file, text) in cases { #expect(error([file])?.description == "a.proto: \(text)") }
    }

    @Test
    func nestedTypesEndAtOneHundred() {
        var message = Proto().string(1, "M")
        for _ in 0..<1000 { message = Proto().string(1, "M").message(3, message) }
        #expect(error([Proto.file().message(4, message)]) == .malformed(.tooDeep))
    }

    @Test
    func findsTypesFromTheInnermostScopeOutwards() throws {
        let inner = Proto().string(1, "N")
        let file = Proto.file().message(4, inner)
            .message(4, Proto().string(1, "M").message(3, inner).message(2, .field("f", 1, type: 11, typeName: "N")))
        let schema = try Schema(descriptorSet: Proto().message(1, file).bytes)
        let message = try #require(schema.message(named: "p.M"))
        let field = schema[try #require(schema.field(named: "f", in: message))]
        #expect(field.childMessage.map { schema.name(of: $0) } == "p.M.N")
    }

    @Test
    func mutatedSetsAreCompiledOrRefused() throws {
        let bytes = try SampleSchema.bytes()
        var state: UInt64 = 99
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<150 {
            var mutated = bytes
            for _ in 0..<(1 + random(3)) { mutated[random(mutated.count)] = UInt8(random(256)) }
            if random(3) == 0 { mutated.removeLast(random(mutated.count)) }
            guard let schema = try? Schema(descriptorSet: mutated) else { continue }
            // What was compiled can be walked.
            for message in schema.messages {
                for field in schema.fields(of: message) { _ = schema[field].childEnum.map { schema[$0].values.count } }
            }
        }
    }
}
