/// The requests that wait for one sign-in, in the order of their coming.
struct WaitingList {
    private var requests: [WaitingRequest] = []
    /// How many of them have been answered meanwhile.
    private var goneCount = 0

    mutating func append(_ request: WaitingRequest) {
        requests.append(request)
    }

    /// Counts a request that was answered; now and then all of those are let go of, which takes constant time each.
    mutating func countGone() {
        goneCount += 1
        guard goneCount > 16, goneCount > requests.count / 2 else { return }
        requests.removeAll { !$0.isWaiting }
        goneCount = 0
    }

    /// Those that still wait.
    var remaining: [WaitingRequest] { requests.filter(\.isWaiting) }
}
