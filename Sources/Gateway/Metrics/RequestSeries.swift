internal import HTTPServer

/// What is counted of the requests of one route and method.
struct RequestSeries: Sendable {
    struct Code: Sendable {
        let status: UInt16
        var count: UInt64
    }

    /// In the order of their first appearance; there are few, and the first is the most frequent one as a rule.
    private(set) var codes: [Code] = []
    /// By ``HTTPServer/RequestRecord/Culprit``.
    private(set) var failures = InlineArray<4, UInt64>(repeating: 0)
    private(set) var duration = Histogram()

    mutating func count(_ status: UInt16, _ culprit: RequestRecord.Culprit?, nanoseconds: UInt64) {
        add(Code(status: status, count: 1))
        if let culprit { failures[culprit.rawValue] &+= 1 }
        duration.observe(nanoseconds)
    }

    mutating func add(_ other: RequestSeries) {
        for code in other.codes { add(code) }
        for index in failures.indices { failures[index] &+= other.failures[index] }
        duration.add(other.duration)
    }

    private mutating func add(_ code: Code) {
        for index in codes.indices where codes[index].status == code.status {
            codes[index].count &+= code.count
            return
        }
        codes.append(code)
    }
}
