/// Why a server could not start.
package struct HTTPServerError: Error, CustomStringConvertible, Sendable {
    package let message: String
    package var description: String { message }
}
