/// Why a gateway cannot start, in one line.
package struct GatewayError: Error, CustomStringConvertible, Sendable {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
