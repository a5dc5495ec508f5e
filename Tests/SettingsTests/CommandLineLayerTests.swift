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
            (["--help", "-h", "workers"], [:]), (["--", "--workers", "3"], [:]), (["--workers"], ["workers": [""]]),
        ] as [([String], [String: [String]])]
    )
    func readsWhatTheArgumentParserAccepts(arguments: [String], values: [String: [String]]) {
        let layer = CommandLineLayer(arguments, settings: sampleSettings)
        #expect(Dictionary(uniqueKeysWithValues: layer.values.map { ($0.name, $1) }) == values)
    }
}
