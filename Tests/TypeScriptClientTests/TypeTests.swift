import OpenAPI
import Testing

@testable import TypeScriptClient

/// The types of messages and enums.
struct TypeTests {
    @Test(arguments: [
        (
            "export interface SearchRequest {",
            [
                "export interface SearchRequest {",
                "  parent?: string | null;",
                "  filter?: Filter | null;",
                "  labels?: Record<string, string> | null;",
                "  shades?: readonly (ShadeInput | number)[] | null;",
                "  since?: TimestampInput | null;",
                "  cursor?: Bytes | null;",
                "  items?: readonly odd_v1_ItemInput[] | null;",
                "  structure?: JsonObject | null;",
                "  pageSize?: Int32Input | null;",
                "  pageToken?: string | null;",
                "  ratio?: DoubleInput | null;",
                "  big?: Int64Input | null;",
                "}",
            ]
        ),
        (
            "export type odd_v1_Item = {",
            [
                "export type odd_v1_Item = {",
                "  name: string;",
                "  at?: Timestamp;",
                "  /** @deprecated */",
                "  shade: Shade | NewerValue;",
                "} & AtMostOne<{",
                "  text: string;",
                "  data: Bytes;",
                "  child: odd_v1_Item;",
                "}> & AtMostOne<{",
                "  amount: Double;",
                "  free: Empty;",
                "}>;",
            ]
        ),
        (
            "export interface odd_v1_Error {",
            [
                "export interface odd_v1_Error {",
                "  constructor: number;",
                "  __proto__: number;",
                #"  "\"quoted\"\n": number;"#,
                #"  "9": number;"#,
                "  nothing: null;",
                "}",
            ]
        ),
        (
            "export interface UpdateItemRequest {",
            [
                "export interface UpdateItemRequest {",
                "  item: odd_v1_ItemInput;",
                "  updateMask?: FieldMask | null;",
                "  other?: odd_v1_Outer_ItemInput | null;",
                "}",
            ]
        ),
        ("export type Empty =", ["export type Empty = Record<string, never>;"]),
        (
            "export type ShadeInput =",
            ["export type ShadeInput =", "  | Shade", #"  | "SHADE_PALE";"#]
        ),
        (
            "const filterQuery",
            [
                "const filterQuery: QueryShape = new Map<string, QueryField>([",
                #"  ["without", { shape: () => filterQuery }],"#,
                #"  ["flags", { isMap: true }],"#,
            ]
        ),
        (
            "export interface InheritRequest {",
            [
                "export interface InheritRequest {",
                "  constructor?: Filter | null;",
                "  toString?: string | null;",
                "  valueOf?: boolean | null;",
                "  pageToken?: string | null;",
                "}",
            ]
        ),
        (
            "const dottedRequestQuery",
            [
                "const dottedRequestQuery: QueryShape = new Map<string, QueryField>([",
                #"  ["a.b", { name: "dotted", shape: () => filterQuery }],"#,
                #"  ["c[d]", { name: "bracketed" }],"#,
                #"  ["e.f", { name: "mapped", isMap: true }],"#,
            ]
        ),
    ])
    func `A type is what JSON has`(start: String, lines: [String]) {
        let found = TestClient.declaration(start, in: TestClient.odd)
        #expect(Array(found.prefix(lines.count)) == lines)
    }

    /// As with `--json-omit-defaults`, `--json-original-names` and `--json-enums-as-numbers`.
    @Test
    func `Types follow how the gateway prints JSON`() throws {
        var options = OpenAPIOptions()
        options.omitsDefaults = true
        options.usesOriginalNames = true
        options.printsEnumsAsNumbers = true
        let source = try TestClient.odd(options)
        let job = try TestClient.source(TestClient.trainingSet, options)
        #expect(source.contains("  next_page_token?: string;\n"))
        #expect(source.contains("{ ...request, page_token: token }"))
        #expect(source.contains("  shade?: number;\n"))
        #expect(source.contains("  shades?: readonly (ShadeInput | number)[] | null;\n"))
        #expect(job.contains(#"path: ["/v1/organizations/", { field: "organization_id" }, "/jobs"]"#))
    }

    @Test
    func `Comments of the proto files are there`() {
        let status = TestClient.declaration("export type TrainingStatus =", in: TestClient.training)
        #expect(status.count == 15)
        #expect(status.dropFirst().first == "  /** Not said; in a filter, every status. */")
        #expect(TestClient.training.contains("\n/** How far a training job is. */\nexport type TrainingStatus =\n"))
        #expect(TestClient.training.contains("   * @deprecated\n   */\n  request?: SubmitTrainingJobRequest;\n"))
    }
}
