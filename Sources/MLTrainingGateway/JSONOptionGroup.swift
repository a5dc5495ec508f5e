import ArgumentParser
import Gateway
import Settings
import Transcoding

/// How `serve` reads and prints JSON.
struct JSONOptionGroup: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Leave fields out of answers that hold their default value.")
    var jsonOmitDefaults = false

    @Flag(inversion: .prefixedNo, help: "Name fields in answers as the .proto files do, instead of in lowerCamelCase.")
    var jsonOriginalNames = false

    @Flag(inversion: .prefixedNo, help: "Print enums in answers as numbers.")
    var jsonEnumsAsNumbers = false

    @Flag(
        inversion: .prefixedNo,
        help: "Pass over unknown fields in request bodies. Unknown query parameters stay errors."
    )
    var jsonIgnoreUnknownFields = false

    @Option(help: ArgumentHelp("Indent answers by so many spaces a level, up to 8; 0 for none.", valueName: "spaces"))
    var jsonIndent = 0

    func settings(_ effective: inout EffectiveSettings) -> GatewayConfiguration.JSON {
        effective.expect("json-indent", jsonIndent, in: 0...8)
        var settings = GatewayConfiguration.JSON()
        settings.printing.omitsDefaults = jsonOmitDefaults
        settings.printing.usesOriginalNames = jsonOriginalNames
        settings.printing.printsEnumsAsNumbers = jsonEnumsAsNumbers
        settings.ignoresUnknownFields = jsonIgnoreUnknownFields
        settings.indentation = jsonIndent
        return settings
    }
}
