/// All that is wrong with a configuration.
struct ConfigurationProblems: Error, CustomStringConvertible {
    let messages: [String]
    /// The command whose help tells what the command line should have been; nil where that is not to blame.
    var command: String?

    init(_ messages: [String], command: String? = nil) {
        self.messages = messages
        self.command = command
    }

    /// In lines that begin as the first one does when the argument parser prints it.
    var description: String {
        // The argument parser itself would point to the help of the whole program.
        let hint = command.map { "\n  See 'mltraining-gateway \($0) --help' for more information." } ?? ""
        return messages.joined(separator: "\nError: ") + hint
    }
}
