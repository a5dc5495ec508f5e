import Testing

@testable import TypeScriptClient

/// The methods of clients.
struct OperationTests {
    /// Each method of the file once: overloads end with a semicolon.
    private static func methods(_ source: String) -> [String] {
        let end = source.firstRange(of: "\nexport interface ")?.lowerBound ?? source.endIndex
        return source[..<end].matches(of: /\n  ([A-Za-z0-9_]+)\((?:\n(?:    .*\n)+  \)|.*\)): .* \{\n/).map {
            String($0.output.1)
        }
    }

    @Test
    func `There is a method for each route but gRPC's own`() {
        #expect(
            Self.methods(TestClient.training) == [
                "submitTrainingJob", "submitCustomTrainingJob", "getTrainingJob", "listTrainingJobs",
                "listTrainingJobsByOrganizationId", "cancelTrainingJob", "deleteCompletedTrainingJob",
                "getTrainingJobLogs", "getTrainingJobLogsPages", "getTrainingJobLogsEntries", "listSupportedContainers",
                "listContainers", "getContainer", "registerCustomTrainingContainer", "deleteCustomTrainingContainer",
            ]
        )
    }

    @Test
    func `Names that would make something else of a client get another one`() {
        let names = Self.methods(TestClient.odd)
        #expect(names.contains("constructor_"))
        #expect(names.contains("then_"))
        #expect(names.contains("delete"))
        #expect(names.contains("httpGetURL"))
        #expect(Set(names).count == names.count)
        #expect(!names.contains("then"))
    }

    @Test(arguments: [
        #"{ method: "GET", path: ["/v1/", { field: "name", pattern: "shelves/*/items/*" }] }"#,
        #"{ method: "GET", path: ["/v1/all/", { field: "name", pattern: "**" }] }"#,
        #"{ method: "GET", path: ["/v1/tree/", { field: "name", pattern: "a/**" }, "/leaf:pick"] }"#,
        #"{ method: "HEAD", path: ["/v1/heads/", { field: "name" }] }"#,
        #"{ method: "PURGE", path: ["/v1/heads/", { field: "name" }] }"#,
        #"{ method: "GET", path: ["/v1/-/any/", { field: "name" }] }"#,
        #"{ method: "DELETE", path: ["/v1/%22deleted%22"] }"#,
        #"{ method: "POST", path: ["/v1/upload"], body: "*", isRaw: true }"#,
        #"{ method: "POST", path: ["/odd.v1.Plain/Ping"], body: "*" }"#,
        #"path: ["/v1/owners/", { field: "filter.owner" }, "/items"], query: searchRequestQuery }"#,
        #"{ field: "bracketed", members: ["c[d]"] }, "/", { field: "dotted.owner", members: ["a.b", "owner"] }]"#,
    ])
    func `Routes become operations`(operation: String) {
        #expect(TestClient.odd.contains(operation))
    }

    @Test(arguments: [
        // The path's fields must be given, what a query has no form for cannot be.
        #"request: Needs<Omit<SearchRequest, "items" | "structure">, "parent">,"#,
        "  search3(request: SearchRequest, options?: CallOptions): Call<SearchResponse> {",
        // An absent timestamp as the whole answer is null.
        #"options?: UnconditionalOptions): Call<Timestamp | null>;"#,
        "): Call<odd_v1_Item[] | NotModified> {",
        "  upload(request: RawBody, options?: CallOptions): Call<Blob> {",
        "  setValue(request: JsonValue, options?: CallOptions): Call<JsonValue> {",
        #"options?: CallOptions): AsyncGenerator<odd_v1_Item, void, undefined> {"#,
        // Of an object without members TypeScript knows those that it inherits.
        "  inherit(request: InheritRequest = {} as InheritRequest, options?: ReadOptions): Call<",
        "  inheritPages(\n    request: InheritRequest = {} as InheritRequest,\n",
        "this.#transport.entries(this.searchPages(request, options), (page) => page.items)",
    ])
    func `Methods have the types of their routes`(text: String) {
        #expect(TestClient.odd.contains(text))
    }

    /// Comments and names of the set that would end something, or turn checks off.
    @Test
    func `Nothing of a descriptor set becomes code`() {
        let lines = TestClient.odd.split(separator: "\n")
        #expect(!lines.contains { $0.hasPrefix("export const injected") })
        #expect(!TestClient.odd.contains(" @ts-"))
        #expect(TestClient.odd.contains(#" * Ends early? *\/ export const injected = 1; /*"#))
    }
}
