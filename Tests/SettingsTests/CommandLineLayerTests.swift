import Settings
import Testing

@Suite
struct CommandLineLayerTests {
    @Test(
        arguments: [
            ([], [:]), (["--workers", "3"], ["workers": ["3"]]), (["--workers=3"], ["workers": ["3"]]),
            (["--workers=a=b"], ["workers": ["a=b"]]),
            (["--workers", ""], ["workers": [""]]), (["--workers", "1", "--workers", "2"], ["workers": ["2"]]),
            (["--upstream", "a", "--listen", "l", "--upstream=b"], ["upstream": ["a", "b"], "listen": ["l"]]),
            (["--auto-map", "--workers", "3"], ["auto-map": ["true"], "workers": ["3"]]),
            (["--auto-map", "--no-auto-map"], ["auto-map": ["false"]]), (["--no-workers", "3"], [:]),
            (["--help", "-h", "workers"], [:]), (["--", "--workers", "3"], [:]), (["--workers"], [:]),
            (["--workers="], [:]), (["--workers", "--auto-map"], ["auto-map": ["true"]]),
            (["--workers", "-1"], ["workers": ["-1"]]), (["--listen", "-"], ["listen": ["-"]]),
        ] as [([String], [String: [String]])]
    )
    func readsWhatTheArgumentParserAccepts(arguments: [String], values: [String: [String]]) {
        let layer = CommandLineLayer(arguments, settings: sampleSettings)
        #expect(Dictionary(uniqueKeysWithValues: layer.values.map { ($0.name, $1) }) == values)
        // None is lost, whatever it is.
        #expect(layer.pieces.flatMap(\.arguments) == arguments)
    }

    @Test
    func whatBelongsTogetherIsOnePiece() {
        let arguments = [
            "stray", "--wrokers", "3", "--workers", "-1", "--deadline", "-x", "--auto-map", "y", "--no-auto-map=1",
            "--listen=a", "--upstream", "--origins", "o", "--", "--workers", "3",
        ]
        let pieces = CommandLineLayer(arguments, settings: sampleSettings).pieces
        #expect(
            pieces.map(\.arguments) == [
                ["stray"], ["--wrokers", "3"], ["--workers", "-1"], ["--deadline"], ["-x"], ["--auto-map"], ["y"],
                ["--no-auto-map=1"], ["--listen=a"], ["--upstream"], ["--origins", "o"], ["--", "--workers", "3"],
            ]
        )
        #expect(
            pieces.map { $0.name ?? "" } == [
                "", "", "workers", "deadline", "", "auto-map", "", "auto-map", "listen", "upstream", "origins", "",
            ]
        )
    }
}
