import GatewayTesting
import Glibc

/// The `curl` that a user would type.
enum Curl {
    struct Failure: Error {
        let arguments: [String]
        let transcript: String
    }

    /// Runs `curl` with these arguments and reads what it printed.
    ///
    /// - Throws: ``Failure`` where curl says that something went wrong below HTTP.
    static func run(_ arguments: [String]) throws -> Answer {
        let child = try ChildProcess("/usr/bin/curl", ["--silent", "--show-error", "--include"] + arguments)
        child.closeInput()
        guard try child.waitForExit() == .code(0) else {
            throw Failure(arguments: arguments, transcript: child.transcript)
        }
        // `--include` prints the answer's head, an empty line and the body; heads of 1xx answers come before it.
        var lines = child.lines(.output)[...]
        var status = 0
        var headers = HeaderList()
        repeat {
            let head = lines.prefix { $0 != "\r" }
            lines = lines.dropFirst(head.count + 1)
            status = head.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
            headers = HeaderList(head.dropFirst().compactMap(field))
        } while status / 100 == 1
        return try Answer(status: status, headers: headers, body: Array(lines.joined(separator: "\n").utf8))
    }

    /// `Name: value`, with the CR that `lines` leaves at its end.
    private static func field(_ line: String) -> HeaderField? {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let value = line[line.index(after: colon)...].filter { $0 != "\r" }.drop { $0 == " " }
        return HeaderField(String(line[..<colon]), String(value))
    }
}
