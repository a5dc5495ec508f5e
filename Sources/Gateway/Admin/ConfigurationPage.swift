internal import EventLoop

/// What `/config` shows: JSON that whoever reads the configuration has made of it, without secrets.
package final class ConfigurationPage: Sendable {
    private let json: Locked<String>

    package init(_ json: String = "{}") {
        self.json = Locked(json)
    }

    /// Shows another configuration from now on; from any thread.
    package func replace(_ json: String) {
        self.json.withLock { $0 = json }
    }

    var text: String { json.withLock { $0 } }
}
