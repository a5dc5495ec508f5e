import GatewayTesting
import Testing

/// The committed table is that of the tests.
@Suite
struct FaultTableTests {
    private static let path = #filePath.replacing(
        "/Tests/IntegrationTests/Faults/FaultTableTests.swift",
        with: "/docs/faults.md"
    )
    private static let begin = "<!-- The tables are made by `make fault-table`. -->"

    @Test
    func theTableIsUpToDate() throws {
        let text = String(decoding: try FileBytes.read(Self.path), as: UTF8.self)
        let marker = try #require(text.firstRange(of: Self.begin))
        let wanted = text[..<marker.upperBound] + "\n" + FaultTable.markdown + "\n"
        if Environment["FAULT_TABLE"] == "write" {
            try FileBytes.write(Array(wanted.utf8), to: Self.path)
        } else {
            #expect(text == wanted, "run 'make fault-table' and commit what it makes")
        }
    }

    @Test
    func namesAreUniqueAndNoSubmitIsSeenTwice() {
        let faults = FaultTable.scripted.flatMap(\.faults)
        #expect(Set(faults.map(\.name)).count == faults.count)
        #expect(faults.allSatisfy { $0.reached <= 1 })
        #expect(FaultTable.scenarios.allSatisfy { $0.reached <= 1 })
    }
}
