internal import CLibUV

/// A failed libuv or system call: which one, and libuv's negative error number.
package struct UVError: Error, Hashable, Sendable {
    /// The call that failed, such as `connect`.
    package let operation: String
    /// A negative number, as libuv returns it (`UV_ECONNREFUSED`, …).
    package let code: Int32

    package init(_ operation: String, _ code: Int32) {
        self.operation = operation
        self.code = code
    }

    package static let addressInUse = Int32(UV_EADDRINUSE.rawValue)
    package static let endOfFile = Int32(UV_EOF.rawValue)
    package static let cancelled = Int32(UV_ECANCELED.rawValue)
}

extension UVError: CustomStringConvertible {
    package var description: String {
        var text = [CChar](repeating: 0, count: 128)
        uv_strerror_r(code, &text, text.count)
        let end = text.firstIndex(of: 0) ?? text.endIndex
        return "\(operation): \(String(decoding: text[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self))"
    }
}
