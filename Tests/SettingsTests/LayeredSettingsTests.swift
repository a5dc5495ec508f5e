import HTTPRules
import Settings
import Testing

@Suite
struct LayeredSettingsTests {
    private static let variable = "MLTRAINING_GATEWAY_WORKERS"

    @Test
    func theFirstLayerThatHasASettingWins() throws {
        let file = "workers: 1"
        let place = SourcePlace(file: "f", line: 1, column: 10)
        let fromFile = try #require(try LayeredSettings(file: file).given("workers"))
        #expect(fromFile.values == ["1"])
        #expect(fromFile.origin == .file(place))
        let fromVariable = try #require(try LayeredSettings([], [Self.variable: "2"], file: file).given("workers"))
        #expect(fromVariable.values == ["2"])
        #expect(fromVariable.origin == .variable(Self.variable))
        let layers = LayeredSettings(["--workers", "3"], [Self.variable: "2"], file: file)
        let fromArgument = try #require(try layers.given("workers"))
        #expect(fromArgument.values == ["3"])
        #expect(fromArgument.origin == .commandLine)
        #expect(try LayeredSettings().given("workers") == nil)
        #expect(try layers.given("no-such-setting") == nil)
    }

    @Test
    func aListComesFromOneLayer() throws {
        let variables = ["MLTRAINING_GATEWAY_UPSTREAM": "a, b,c"]
        let file = "upstream: [d, \"e,f\"]"
        #expect(try LayeredSettings(["--upstream", "x"], variables, file: file).given("upstream")?.values == ["x"])
        #expect(try LayeredSettings([], variables, file: file).given("upstream")?.values == ["a", "b", "c"])
        #expect(try LayeredSettings(file: file).given("upstream")?.values == ["d", "e,f"])
    }

    @Test
    func anEmptyVariableIsAnEmptyTextOrList() throws {
        let variables = ["MLTRAINING_GATEWAY_UPSTREAM": "", "MLTRAINING_GATEWAY_LISTEN": ""]
        let layers = LayeredSettings([], variables, file: "upstream: [a]\nlisten: b")
        #expect(try layers.given("upstream")?.values == [])
        #expect(try layers.given("listen")?.values == [""])
    }

    @Test
    func problemsOfAllLayersAreKept() {
        var layers = LayeredSettings([], ["MLTRAINING_GATEWAY_X": ""], file: "y: 1")
        layers.report("no such file", about: .variable("V"))
        layers.report("no such file", about: .commandLine)
        #expect(
            layers.problems.map(\.description) == [
                "MLTRAINING_GATEWAY_X: there is no such setting", "f:1:1: there is no setting \"y\"", "V: no such file",
                "no such file",
            ]
        )
    }
}
