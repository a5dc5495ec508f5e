import ArgumentParser
import Bytes
import Gateway
import Glibc
import ProtobufSchema
import Transcoding

struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Converts messages between JSON and protobuf's binary format.",
        discussion: """
            Reads one message on standard input and writes it to standard output. With --batch, each line of the input \
            is a JSON object {"id", "from", "to", "type", "input": base64, "ignore_unknown": bool} and is answered \
            with a line {"id", "output": base64} or {"id", "error"}; what a line leaves out is as the options say.

            JSON to JSON goes through the binary format. Binary to binary is checked and passed on as it is.
            """
    )

    @OptionGroup var descriptors: DescriptorOptions

    @Option(help: ArgumentHelp("Full name of the message's type.", valueName: "name"))
    var type: String?

    @Option(help: ArgumentHelp("Format of the input: json or binary.", valueName: "format"))
    var from: MessageConverter.Format?

    @Option(help: ArgumentHelp("Format of the output: json or binary.", valueName: "format"))
    var to: MessageConverter.Format?

    @Flag(help: "Pass over fields and enum names in JSON that the type does not have.")
    var ignoreUnknownFields = false

    @Flag(help: "Print fields without presence even when they hold their default value.")
    var emitDefaults = false

    @Flag(help: "Name fields in JSON as the .proto files do, instead of in lowerCamelCase.")
    var originalNames = false

    @Flag(help: "Print enums in JSON as numbers.")
    var enumsAsNumbers = false

    @Option(help: ArgumentHelp("Indent JSON by so many spaces a level, up to 8; 0 for none.", valueName: "spaces"))
    var indent = 0

    @Flag(help: "Convert a message a line.")
    var batch = false

    func validate() throws {
        guard (0...8).contains(indent) else { throw ValidationError("--indent must be from 0 to 8") }
        guard !batch else { return }
        for (name, isMissing) in [("--type", type == nil), ("--from", from == nil), ("--to", to == nil)] where isMissing
        {
            throw ValidationError("\(name) is missing; only --batch can do without")
        }
    }

    func run() throws {
        // A reader that has gone is an error of write, with a message.
        signal(SIGPIPE, SIG_IGN)
        let schema = try Schema(servedFrom: descriptors.load())
        let printing = JSONOptions(
            omitsDefaults: !emitDefaults,
            usesOriginalNames: originalNames,
            printsEnumsAsNumbers: enumsAsNumbers
        )
        let converter = MessageConverter(schema: schema, printing: printing, indentation: indent)
        if batch {
            var defaults = BatchConverter.Defaults()
            (defaults.from, defaults.to, defaults.type) = (from, to, type)
            defaults.ignoresUnknownFields = ignoreUnknownFields
            if let type { _ = try converter.type(named: type) }
            var loop = BatchLoop(BatchConverter(converter, defaults: defaults))
            try loop.run()
        } else if let type, let from, let to {
            try convert(converter, type, from, to)
        }
    }

    private func convert(
        _ converter: consuming MessageConverter,
        _ type: String,
        _ from: MessageConverter.Format,
        _ to: MessageConverter.Format
    ) throws {
        let index = try converter.type(named: type)
        let input = try StandardStreams.readAll()
        var output = ByteBuffer()
        do throws(TranscodingError) {
            try converter.convert(
                input.bytes,
                of: index,
                from: from,
                to: to,
                ignoringUnknownFields: ignoreUnknownFields,
                into: &output
            )
        } catch {
            guard error.violations.count > 1 else { throw error }
            throw GatewayError(error.violations.map { "\($0.field): \($0.description)" }.joined(separator: "\n"))
        }
        if to == .json { output.append(UInt8(ascii: "\n")) }
        try StandardStreams.write(output.bytes)
    }
}

extension MessageConverter.Format: ExpressibleByArgument {}
