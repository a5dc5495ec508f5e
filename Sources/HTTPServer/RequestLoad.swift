/// How many requests a thread has in hand, over all of its servers.
///
/// A request counts from the moment that it is there as a whole until its answer is sent, or its connection lost. Touched
/// by that thread alone.
package final class RequestLoad {
    package internal(set) var count = 0

    package init() {}
}
