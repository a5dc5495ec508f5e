import Glibc

/// Arrays of C strings, as `exec` and its kin want them.
enum CStrings {
    /// Lends `strings` with a nil at the end, for one call (lifetime rule d).
    static func with<Result>(
        _ strings: [String],
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let copies: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return copies.withUnsafeBufferPointer { buffer in
            // Never empty: the nil is there.
            body(buffer.baseAddress.unsafelyUnwrapped)
        }
    }
}
