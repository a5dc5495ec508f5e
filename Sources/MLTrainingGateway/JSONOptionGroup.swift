import ArgumentParser
import Gateway
import Transcoding

/// How `serve` reads and prints JSON.
struct JSONOptionGroup: ParsableArguments {
    @Flag(help: "Leave fields out of answers that hold their default value.")
    var jsonOmitDefaults = false

    @Flag(help: "Name fields in answers as the .proto files do, instead of in lowerCamelCase.")
    var jsonOriginalNames = false

    @Flag(help: "Print enums in answers as numbers.")
    var jsonEnumsAsNumbers = false

    @Flag(help: "Pass over unknown fields in request bodies. Unknown query parameters stay errors.")
    var jsonIgnoreUnknownFields = false

    @Option(help: ArgumentHelp("Indent answers by so many spaces a level, up to 8; 0 for none.", valueName: "spaces"))
    var jsonIndent = 0

    func validate() throws {
        guard (0...8).contains(jsonIndent) else { throw ValidationError("--json-indent must be from 0 to 8") }
    }

    var settings: GatewayConfiguration.JSON {
        var settings = GatewayConfiguration.JSON()
        settings.printing.omitsDefaults = jsonOmitDefaults
        settings.printing.usesOriginalNames = jsonOriginalNames
        settings.printing.printsEnumsAsNumbers = jsonEnumsAsNumbers
        settings.ignoresUnknownFields = jsonIgnoreUnknownFields
        settings.indentation = jsonIndent
        return settings
    }
}
