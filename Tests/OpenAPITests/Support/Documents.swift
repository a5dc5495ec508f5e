import Glibc
import HTTPRules
import MLTraining
import ProtobufSchema
import Testing

@testable import OpenAPI

/// Documents of the two APIs that the tests have.
enum Documents {
    /// The ML training API.
    static func mlTraining(_ options: OpenAPIOptions = OpenAPIOptions()) throws -> OpenAPIDocument {
        try make(MLTrainingAPI.descriptorSet, options)
    }

    /// `Resources/library.proto`, which has everything else.
    static func library(_ options: OpenAPIOptions = OpenAPIOptions()) throws -> OpenAPIDocument {
        try make(librarySet(), options)
    }

    static func librarySet() throws -> [UInt8] {
        try file(#filePath.replacing("Support/Documents.swift", with: "Resources/library.binpb"))
    }

    static func make(
        _ set: [UInt8],
        _ options: OpenAPIOptions = OpenAPIOptions(),
        mapsMethodsWithoutRule: Bool = false
    ) throws -> OpenAPIDocument {
        let schema = try Schema(descriptorSet: set)
        let table = try RouteTable(schema, options: .init(mapsMethodsWithoutRule: mapsMethodsWithoutRule))
        return OpenAPIDocument(schema: schema, routes: table.routes, descriptorSet: set, options: options)
    }

    static func file(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"), "\(path)")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }
}

extension OpenAPIDocument {
    /// The operation of a method, as `get`, and a path.
    func operation(_ method: String, _ path: String) throws -> JSONValue {
        try #require(root["paths"]?[path]?[method], "\(method) \(path)")
    }

    func schema(_ name: String) throws -> JSONValue {
        try #require(root["components"]?["schemas"]?[name], "\(name)")
    }

    /// Every operation, those under `x-additional-operations` too.
    var operations: [JSONValue] {
        (root["paths"]?.object?.members ?? []).flatMap { path in
            (path.value.object?.members ?? []).flatMap { member in
                member.key == "x-additional-operations"
                    ? (member.value.object?.members ?? []).map(\.value) : [member.value]
            }
        }
    }
}

extension JSONValue {
    /// The parameter of an operation with this name in this place.
    func parameter(_ name: String, in place: String = "query") throws -> JSONValue {
        let list = self["parameters"]?.array ?? []
        return try #require(list.first { $0["name"]?.string == name && $0["in"]?.string == place }, "\(name)")
    }

    /// What a path of members leads to.
    func at(_ path: String...) -> JSONValue? {
        var value: JSONValue? = self
        for name in path { value = value?[name] }
        return value
    }
}
