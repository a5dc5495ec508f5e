/// A fault that many calls meet, as a row of `docs/faults.md`; the test of it holds what it sees against this.
struct Scenario: Sendable {
    let name: String
    /// The servers that it is shown with.
    let servers: String
    /// What clients of submits may get, and those of reads; empty where there are none of them.
    let submit: [ClientView]
    let read: [ClientView]
    /// How often the application has seen each submit.
    let reached: Int
    /// `Suite.test`.
    let test: String
}
