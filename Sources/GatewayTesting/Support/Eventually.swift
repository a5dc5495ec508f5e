/// What ``eventually(_:within:every:_:)`` throws when its time is over.
package struct NotInTime: Error, CustomStringConvertible {
    package let what: String
    package let limit: Duration
    package let attempts: Int

    package var description: String { "not within \(limit): \(what) (looked \(attempts) times)" }
}

/// Asks again and again until `condition` holds.
///
/// - Parameters:
///   - what: what is hoped for, for the failure's message.
///   - limit: how long to hope; the condition is asked at least once.
///   - pause: time between two questions.
///   - isolation: where the condition runs, the caller's own place.
///   - condition: says whether it has come true; what it throws ends the wait.
/// - Throws: ``NotInTime``, or what the condition throws.
package func eventually(
    _ what: String,
    within limit: Duration = .seconds(5),
    every pause: Duration = .milliseconds(5),
    isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = MonotonicTime.now.advanced(by: limit)
    var attempts = 1
    while try await !condition() {
        guard MonotonicTime.now < deadline else { throw NotInTime(what: what, limit: limit, attempts: attempts) }
        try await Task.sleep(for: pause)
        attempts += 1
    }
}
