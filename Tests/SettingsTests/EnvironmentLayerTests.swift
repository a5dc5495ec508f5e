import Settings
import Testing

@Suite
struct EnvironmentLayerTests {
    @Test
    func takesItsOwnVariablesOnly() {
        let layer = EnvironmentLayer(
            ["MLTRAINING_GATEWAY_WORKERS": "3", "PATH": "/bin", "WORKERS": "4"],
            settings: sampleSettings
        )
        #expect(layer.variables == ["MLTRAINING_GATEWAY_WORKERS": "3"])
        #expect(layer.problems.isEmpty)
    }

    @Test
    func unknownVariablesAreToldInOrderWithWhatIsNear() {
        let layer = EnvironmentLayer(
            ["MLTRAINING_GATEWAY_WORKRES": "3", "MLTRAINING_GATEWAY_COLOUR": "red", "MLTRAINING_GATEWAY_": ""],
            settings: sampleSettings
        )
        let descriptions = layer.problems.map(\.description)
        #expect(descriptions.count == 3)
        #expect(descriptions[0] == "MLTRAINING_GATEWAY_: there is no such setting")
        #expect(descriptions[1] == "MLTRAINING_GATEWAY_COLOUR: there is no such setting")
        let hint = "did you mean \"MLTRAINING_GATEWAY_WORKERS\"?"
        #expect(descriptions[2] == "MLTRAINING_GATEWAY_WORKRES: there is no such setting; \(hint)")
    }

    @Test(arguments: [
        ("SERVICE_HOST", "10.0.0.1"), ("SERVICE_PORT", "80"), ("SERVICE_PORT_HTTP", "80"),
        ("PORT", "tcp://10.0.0.1:80"),
        ("PORT_80_TCP", "tcp://10.0.0.1:80"), ("PORT_80_TCP_PROTO", "tcp"), ("PORT_80_TCP_PORT", "80"),
        ("PORT_80_TCP_ADDR", "10.0.0.1"), ("ADMIN_SERVICE_HOST", "10.0.0.1"), ("ADMIN_PORT", "udp://10.0.0.1:80"),
    ])
    func kubernetesMayNameAServiceAfterTheProgram(name: String, value: String) {
        let layer = EnvironmentLayer(["MLTRAINING_GATEWAY_\(name)": value], settings: sampleSettings)
        #expect(layer.variables.isEmpty)
        #expect(layer.problems.isEmpty)
    }

    @Test(arguments: [("PORT", "80"), ("SERVICE", "x"), ("SERVICE_HOST_X", "x"), ("PORT_X", "x"), ("PORT_80", "x")])
    func othersThatLookLikeThoseAreMistakes(name: String, value: String) {
        let layer = EnvironmentLayer(["MLTRAINING_GATEWAY_\(name)": value], settings: sampleSettings)
        #expect(layer.problems.count == 1)
    }
}
