import Crypto

/// The API keys that callers may sign in with.
///
/// What is kept of a key is its authentication code under a secret that is made anew with every value, so that no
/// key can be printed by accident, and that comparing one takes as long whatever it holds.
package struct APIKeys: Sendable {
    /// Longest key id and longest key that are taken, in bytes.
    private static let maximumLength = 1024

    private let secret = SymmetricKey(size: .bits256)
    private var codes: [String: HMAC<SHA256>.MAC] = [:]
    /// Compared with where there is no such key id, so that the time that takes tells nobody.
    private let decoy: HMAC<SHA256>.MAC

    /// Reads the file at a path; ``init(_:file:)`` has its grammar.
    package init(file path: String) throws(InputFileError) {
        try self.init(try InputFile.read(path), file: path)
    }

    /// Reads the contents of a file.
    ///
    /// A line is `KEY_ID KEY`, both of visible ASCII characters, with spaces or tabs between and around them. Lines
    /// that are blank or that begin with `#` are passed over. Errors call the file by the given name.
    package init(_ contents: [UInt8], file: String) throws(InputFileError) {
        decoy = HMAC<SHA256>.authenticationCode(for: [UInt8](), using: secret)
        var lines: [String: Int] = [:]
        let content = contents.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in content.enumerated() {
            let number = index + 1
            let fields = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
            guard let first = fields.first, first.first != UInt8(ascii: "#") else {
                continue
            }
            if let reason = Self.complaint(about: fields) {
                throw InputFileError(file: file, line: number, reason: reason)
            }
            let keyID = String(decoding: first, as: UTF8.self)
            if let earlier = lines.updateValue(number, forKey: keyID) {
                throw InputFileError(file: file, line: number, reason: "has the key id of line \(earlier) again")
            }
            codes[keyID] = HMAC<SHA256>.authenticationCode(for: Array(fields[1]), using: secret)
        }
        guard !codes.isEmpty else {
            throw InputFileError(file: file, reason: "holds no API key")
        }
    }

    /// Whether a key is the one of a key id.
    package func isValid(_ key: String, for keyID: String) -> Bool {
        let code = codes[keyID]
        let matches = HMAC<SHA256>.isValidAuthenticationCode(
            code ?? decoy,
            authenticating: Array(key.utf8),
            using: secret
        )
        return matches && code != nil
    }

    /// What is wrong with the fields of a line; nil if nothing is.
    private static func complaint(about fields: [ArraySlice<UInt8>]) -> String? {
        if fields.count != 2 {
            return "is not a key id and a key with white space between them"
        }
        if !fields.joined().allSatisfy({ (0x21...0x7E).contains($0) }) {
            return "has a character that is not visible ASCII"
        }
        if fields.contains(where: { $0.count > maximumLength }) {
            return "has a key id or a key of more than \(maximumLength) bytes"
        }
        return nil
    }
}
