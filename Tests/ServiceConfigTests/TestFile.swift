import Glibc
import HTTPRules
import ProtobufSchema
import ServiceConfig
import Testing

/// A service configuration over the schema `routes` of HTTPRulesTests.
enum TestFile {
    /// The rules of a configuration that has nothing else.
    static func config(_ http: String) -> String {
        "type: google.api.Service\nconfig_version: 3\nhttp:\n" + http
    }

    static func read(_ text: String) throws(RouteErrors) -> RuleFile {
        try read(Array(text.utf8))
    }

    static func read(_ bytes: [UInt8]) throws(RouteErrors) -> RuleFile {
        try ServiceConfig.rules(bytes, file: "rules.yaml")
    }

    static func table(_ text: String, mapsMethodsWithoutRule: Bool = false) throws -> RouteTable {
        let file = try read(text)
        return try RouteTable(
            schema(),
            options: RouteBuilder.Options(mapsMethodsWithoutRule: mapsMethodsWithoutRule, ruleFile: file)
        )
    }

    /// All that is said of a file, empty if it is right.
    static func problems(_ text: String) throws -> String {
        do {
            _ = try table(text)
            return ""
        } catch let error as RouteErrors {
            return error.description
        }
    }

    static func schema() throws -> Schema {
        let path = #filePath.replacing(
            "ServiceConfigTests/TestFile.swift",
            with: "HTTPRulesTests/Resources/routes.binpb"
        )
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return try Schema(descriptorSet: bytes)
    }
}
