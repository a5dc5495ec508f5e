/// One entry of a SETTINGS frame (RFC 9113, section 6.5.2).
package struct HTTP2Setting: Hashable, Sendable {
    package let identifier: UInt16
    package let value: UInt32

    package init(identifier: UInt16, value: UInt32) {
        self.identifier = identifier
        self.value = value
    }

    /// Size of the dynamic table that this side's HPACK decoder keeps.
    package static func headerTableSize(_ bytes: UInt32) -> HTTP2Setting { HTTP2Setting(identifier: 1, value: bytes) }
    package static func maxConcurrentStreams(_ count: UInt32) -> HTTP2Setting {
        HTTP2Setting(identifier: 3, value: count)
    }
    /// Bytes of DATA that the peer may send on a new stream before it needs a WINDOW_UPDATE.
    package static func initialWindowSize(_ bytes: UInt32) -> HTTP2Setting { HTTP2Setting(identifier: 4, value: bytes) }
    package static func maxFrameSize(_ bytes: UInt32) -> HTTP2Setting { HTTP2Setting(identifier: 5, value: bytes) }
    package static func maxHeaderListSize(_ bytes: UInt32) -> HTTP2Setting { HTTP2Setting(identifier: 6, value: bytes) }
}
