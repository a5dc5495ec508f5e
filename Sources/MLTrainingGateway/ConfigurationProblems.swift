/// All that is wrong with a configuration.
struct ConfigurationProblems: Error, CustomStringConvertible {
    let messages: [String]

    init(_ messages: [String]) { self.messages = messages }

    /// In lines that begin as the first one does when the argument parser prints it.
    var description: String { messages.joined(separator: "\nError: ") }
}
