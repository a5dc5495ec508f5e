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
