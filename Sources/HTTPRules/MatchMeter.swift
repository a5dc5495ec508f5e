/// Counts the work of a match, so that tests can show its bound without a clock.
protocol MatchMeter {
    /// A node was entered or left, a literal compared, or so many bytes of a segment looked at.
    mutating func add(_ steps: Int)
}

/// Counts nothing and costs nothing.
struct NoMeter: MatchMeter {
    @inline(__always)
    mutating func add(_ steps: Int) {}
}
