import Settings
import Testing

@Suite
struct FileLayerTests {
    private func read(_ text: String, excluding excluded: [String] = []) -> FileLayer {
        FileLayer(Array(text.utf8), file: "f", settings: sampleSettings, excluding: excluded)
    }

    @Test(arguments: [
        "upstream: [a, b]\nworkers: 3\nauto-map: true",
        "{\"upstream\": [\"a\", \"b\"], \"workers\": 3, \"auto-map\": true}",
    ])
    func readsYAMLAndJSON(text: String) {
        let layer = read(text)
        #expect(layer.problems.isEmpty)
        let values = layer.values.map { ($0.name, $1.texts) }
        #expect(
            Dictionary(uniqueKeysWithValues: values) == [
                "upstream": ["a", "b"], "workers": ["3"], "auto-map": ["true"],
            ]
        )
    }

    @Test
    func aListMayBeOneValue() {
        #expect(read("upstream: a,b").values.values.map(\.texts) == [["a,b"]])
    }

    @Test
    func everyProblemIsTold() {
        let text = """
            wrokers: 3
            listen:
            workers: [1]
            upstream: {a: b}
            auto-map: !x true
            1: 2
            """
        #expect(
            read(text).problems.map(\.description) == [
                "f:1:1: there is no setting \"wrokers\"; did you mean \"workers\"?",
                "f:2:8: listen has no value; without the key it has its default",
                "f:3:10: workers: expected one value, found a list",
                "f:4:11: upstream: expected a list of values, found a mapping",
                "f:5:11: auto-map: expected a value, found a value tagged !x",
                "f:6:1: there is no setting \"1\"",
            ]
        )
    }

    @Test
    func aToggleIsTurnedOffByItsValue() {
        let layer = read("no-auto-map: true\nno-workers: true")
        #expect(
            layer.problems.map(\.description) == [
                "f:1:1: there is no setting \"no-auto-map\"; write \"auto-map: false\"",
                "f:2:1: there is no setting \"no-workers\"; did you mean \"workers\"?",
            ]
        )
    }

    /// Each takes a search for what may have been meant.
    @Test
    func ofVeryManyProblemsTheFirstAreTold() {
        let layer = read((0..<80_000).map { "k\($0): 1" }.joined(separator: "\n"))
        #expect(layer.problems.count == 101)
        #expect(layer.problems.last?.description == "f: there are 79900 more problems")
    }

    @Test
    func someSettingsAreNotForFiles() {
        let layer = read("listen: x", excluding: ["listen"])
        #expect(layer.values.isEmpty)
        #expect(layer.problems.map(\.description) == ["f:1:1: there is no setting \"listen\""])
    }

    @Test
    func aFileThatIsNoneHasOneProblem() {
        #expect(read("a: [").problems.count == 1)
        #expect(
            read("workers: 1\nworkers: 2").problems.map(\.description) == ["f:1:1: the key \"workers\" occurs twice"]
        )
    }
}
