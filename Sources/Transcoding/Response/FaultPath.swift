import Bytes
import ProtobufSchema

/// Where in a message printing it went wrong, put together on the way out of the error.
///
/// Printing that succeeds never touches it.
struct FaultPath {
    /// `.name`, `[index]` or `["key"]`, the innermost first.
    private var steps: [String] = []

    var count: Int { steps.count }

    /// The path from the outermost message, without what is too long to be read.
    var text: String {
        var text = ""
        for step in steps.reversed() {
            text += text.isEmpty && step.hasPrefix(".") ? String(step.dropFirst()) : step
            if text.utf8.count > Excerpt.maximumPathCount { break }
        }
        return Excerpt.path(text)
    }

    mutating func add(field name: String) {
        steps.append(".\(name)")
    }

    mutating func add(index: Int) {
        steps.append("[\(index)]")
    }

    /// Adds the map key whose JSON is `key`.
    mutating func add(key: UnsafeRawBufferPointer) {
        steps.append("[\(Excerpt.text(key))]")
    }

    /// Forgets the steps to a fault that turned out to be none.
    mutating func drop(to count: Int) {
        if steps.count > count { steps.removeLast(steps.count - count) }
    }
}
