/// Descriptor sets that other tests own.
enum Resources {
    static let routes = path("routes.binpb")
    static let faults = path("faults.binpb")

    private static func path(_ name: String) -> String {
        #filePath.replacing("IntegrationTests/Support/Resources.swift", with: "HTTPRulesTests/Resources/\(name)")
    }
}
