/// Names that types of the API cannot have.
enum ReservedNames {
    static let all = words.union(globals).union(runtime)

    /// Words of the language, and types that it predeclares.
    private static let words: Set<String> = [
        "any", "as", "async", "await", "bigint", "boolean", "break", "case", "catch", "class", "const", "continue",
        "debugger", "declare", "default", "delete", "do", "else", "enum", "export", "extends", "false", "finally",
        "for",
        "function", "if", "implements", "import", "in", "infer", "instanceof", "interface", "intrinsic", "is", "keyof",
        "let", "module", "namespace", "never", "new", "null", "number", "object", "of", "package", "private",
        "protected",
        "public", "readonly", "require", "return", "static", "string", "super", "switch", "symbol", "this", "throw",
        "true",
        "try", "type", "typeof", "undefined", "unique", "unknown", "var", "void", "while", "with", "yield", "eval",
        "arguments", "_", "$",
    ]

    /// What the client itself uses of the environment.
    private static let globals: Set<String> = [
        "AbortSignal", "Array", "AsyncGenerator", "AsyncIterable", "Blob", "BodyInit", "BufferSource", "Boolean",
        "ConstructorParameters", "Date", "Error", "Exclude", "Function", "Headers", "HeadersInit", "JSON", "Map",
        "NonNullable", "Number", "Object", "Omit", "Partial", "Pick", "Promise", "PromiseLike", "RangeError",
        "ReadonlyMap", "ReadonlySet", "Record", "RequestCredentials", "RequestInit", "Required", "Response", "Set",
        "String", "Symbol", "TextDecoder", "TypeError", "URLSearchParams", "Uint8Array", "encodeURIComponent", "fetch",
        "globalThis",
    ]

    /// What the fixed part of the file declares (`Resources/runtime.ts`).
    private static let runtime: Set<String> = [
        "Answer", "Any", "ApiError", "AtMostOne", "Bytes", "Call", "CallOptions", "ClientOptions", "Double",
        "DoubleInput",
        "Duration", "FieldMask", "FieldViolation", "Int32Input", "Int64", "Int64Input", "JsonObject", "JsonValue",
        "Needs",
        "NetworkError", "NewerValue", "NotModified", "Operation", "PathField", "QueryField", "QueryShape", "RawBody",
        "ReadOptions", "StatusName", "Timestamp", "TimestampInput", "Transport", "UnconditionalOptions", "addFields",
        "bodyOf", "conditional", "detailsIn", "encoded", "errorIn", "errorOf", "fits", "grpcTimeout", "isRecord",
        "jsonForm", "lines", "membersOf", "notModified", "pathOf", "pieces", "problemIn", "queryOf", "rawBodyOf",
        "received", "retryDelay", "statusOf", "textOf", "timeOf",
    ]
}
