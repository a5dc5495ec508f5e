import HTTPRules
import YAML

/// A YAML text that is checked before it is parsed, so that no file can crash or stall the program.
struct YAMLText {
    private let bytes: [UInt8]
    private let file: String

    init(_ bytes: [UInt8], file: String) {
        // libyaml counts a byte order mark as a column, which breaks the indentation of the first line.
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        self.file = file
    }

    /// The one document of the text, which is not empty.
    func parse() throws(RouteProblem) -> Node {
        if let root = try root() { return root }
        throw RouteProblem("the file is empty", at: SourcePlace(file: file, line: 1, column: 1))
    }

    /// The one document of the text, nil if there is nothing but white space and comments.
    func root() throws(RouteProblem) -> Node? {
        guard bytes.count <= ServiceConfig.maximumBytes else {
            let message = "the file is larger than \(ServiceConfig.maximumBytes) bytes"
            throw RouteProblem(message, at: SourcePlace(file: file))
        }
        if let index = bytes.firstIndex(of: 0) { throw problem("the file holds a NUL", at: index) }
        if let index = firstInvalidByte { throw problem("the file is not UTF-8", at: index) }
        do throws(YAMLError) {
            return try Document.root(of: bytes)
        } catch {
            throw RouteProblem(error.message, at: SourcePlace(file: file, error.mark))
        }
    }

    /// Where the text stops being UTF-8; nil if it does not.
    private var firstInvalidByte: Int? {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): offset += UTF8.width(scalar)
            case .emptyInput: return nil
            case .error: return offset
            }
        }
    }

    private func problem(_ message: String, at offset: Int) -> RouteProblem {
        RouteProblem(message, at: SourcePlace(file: file, Mark(offset: offset, in: bytes)))
    }
}

extension SourcePlace {
    init(file: String, _ mark: Mark?) {
        self.init(file: file, line: mark?.line, column: mark?.column)
    }
}
