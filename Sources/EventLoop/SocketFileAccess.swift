internal import CLibUV
internal import Glibc

/// Who may connect to a unix-domain socket: mode and owner of its file, each as the system gives it where nil.
package struct SocketFileAccess: Hashable, Sendable {
    package var mode: UInt32?
    package var user: UInt32?
    package var group: UInt32?

    package init() {}

    /// Reads permission bits in octal, such as `0660`.
    package static func parseMode(_ text: String) throws(AddressError) -> UInt32 {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x37 }), let mode = UInt32(text, radix: 8),
            mode <= 0o777
        else {
            throw AddressError(description: "\"\(text)\" is not a file mode in octal, such as 0660")
        }
        return mode
    }

    /// Reads an owner: `USER`, `USER:GROUP` or `:GROUP`, names or numbers.
    package init(owner text: String) throws(AddressError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let (user, group) = (parts.first ?? "", parts.count > 1 ? parts[1] : nil)
        guard group != "", group != nil || !user.isEmpty else {
            throw AddressError(description: "\"\(text)\" is not USER, USER:GROUP or :GROUP")
        }
        if !user.isEmpty {
            guard let number = SocketFileAccess.number(user) ?? SocketFileAccess.user(named: user) else {
                throw AddressError(description: "there is no user \"\(user)\"")
            }
            self.user = number
        }
        if let group {
            guard let number = SocketFileAccess.number(group) ?? SocketFileAccess.group(named: group) else {
                throw AddressError(description: "there is no group \"\(group)\"")
            }
            self.group = number
        }
    }

    /// The highest number means "as it is" to chown(2).
    private static func number(_ text: String) -> UInt32? {
        guard text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return UInt32(text).flatMap { $0 == .max ? nil : $0 }
    }

    private static func user(named name: String) -> UInt32? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { text in
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            guard let start = text.baseAddress, getpwnam_r(name, &entry, start, text.count, &found) == 0 else {
                return nil
            }
            return found?.pointee.pw_uid
        }
    }

    private static func group(named name: String) -> UInt32? {
        // Holds the names of all members too.
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1 << 20) { text in
            var entry = Glibc.group()
            var found: UnsafeMutablePointer<Glibc.group>?
            guard let start = text.baseAddress, getgrnam_r(name, &entry, start, text.count, &found) == 0 else {
                return nil
            }
            return found?.pointee.gr_gid
        }
    }

    /// Applies it to the file at `path`, which must not be a link.
    func apply(to path: String) throws(UVError) {
        if user != nil || group != nil {
            guard lchown(path, user ?? .max, group ?? .max) == 0 else {
                throw UVError("set the owner of \(path)", -errno)
            }
        }
        if let mode {
            guard fchmodat(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw UVError("set the mode of \(path)", -errno)
            }
        }
    }
}
