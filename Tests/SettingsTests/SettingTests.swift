import Settings
import Testing

@Suite
struct SettingTests {
    @Test
    func aVariableIsThePrefixAndTheNameInCapitals() {
        let setting = Setting(name: "max-body-bytes", kind: .text)
        #expect(setting.variable == "MLTRAINING_GATEWAY_MAX_BODY_BYTES")
    }

    @Test(arguments: [
        (Setting.Kind.text, ["a"], ["--name=a"]), (.text, [""], ["--name", ""]), (.wholeNumber, ["1"], ["--name=1"]),
        (.number, ["-1.5"], ["--name=-1.5"]), (.list, ["a", "--b"], ["--name=a", "--name=--b"]), (.list, [], []),
        (.toggle, ["true"], ["--name"]), (.toggle, ["false"], ["--no-name"]),
    ])
    func valuesBecomeArguments(kind: Setting.Kind, values: [String], arguments: [String]) {
        #expect(Setting(name: "name", kind: kind).arguments(values) == arguments)
    }
}
