/// A certificate with its key, both PEM.
package struct TestIdentity: Sendable {
    package let certificate: [UInt8]
    package let key: [UInt8]
}
