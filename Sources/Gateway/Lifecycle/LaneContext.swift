internal import EventLoop
internal import HTTPServer

/// What a worker gives to each of its lanes.
struct LaneContext {
    let loop: EventLoop
    let observer: RequestObserver
    let limits: SharedLimits
    /// The requests that the worker has in hand.
    let load = RequestLoad()
}
