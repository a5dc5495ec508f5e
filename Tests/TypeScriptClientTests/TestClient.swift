import GatewayTesting
import HTTPRules
import MLTraining
import OpenAPI
import ProtobufSchema

@testable import TypeScriptClient

/// Clients of the descriptor sets that tests have.
enum TestClient {
    static let training = (try? source(trainingSet)) ?? ""
    static let trainingSet = MLTrainingAPI.descriptorSet
    static let odd = (try? odd()) ?? ""

    static func odd(_ options: OpenAPIOptions = OpenAPIOptions()) throws -> String {
        try source(try FileBytes.read(resource("TypeScriptClientTests/Resources/odd.binpb")), options)
    }

    static func source(_ descriptorSet: [UInt8], _ options: OpenAPIOptions = OpenAPIOptions()) throws -> String {
        let schema = try Schema(descriptorSet: descriptorSet)
        let routes = try RouteTable(schema, options: RouteBuilder.Options(mapsMethodsWithoutRule: true))
        let notes = DescriptorNotes(descriptorSet: descriptorSet)
        return TypeScriptClient(schema, routes, notes: notes, options: options).source()
    }

    /// A file of the folder `Tests`.
    static func resource(_ path: String) -> String {
        #filePath.replacing("TypeScriptClientTests/TestClient.swift", with: path)
    }

    /// The lines of a declaration, from the one that begins with `start` to the first that closes it.
    static func declaration(_ start: String, in source: String) -> [String] {
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let first = lines.firstIndex(where: { $0.hasPrefix(start) }) else { return [] }
        if lines[first].hasSuffix(";") { return [lines[first]] }
        let rest = lines[first...].dropFirst()
        // Unions end with a semicolon, blocks with a bracket in the column in which they begin.
        let margin = String(start.prefix { $0 == " " })
        let end = rest.firstIndex { line in
            lines[first].hasSuffix("=")
                ? line.hasSuffix(";") : ["}", "}>;", "}, null>;"].contains { line == margin + $0 }
        }
        return end.map { Array(lines[first...$0]) } ?? []
    }
}
