/// Why gzip cannot be read.
package enum GzipError: Error, Hashable, Sendable {
    /// Not gzip, damaged or cut short, or with something else behind it.
    case malformed
    /// More comes out than is allowed.
    case tooLarge
    case outOfMemory
}
