internal import Glibc

/// A listening socket that is to be closed without loss: no new connection is made, and those that were wait to be accepted.
///
/// Closing it at once would reset every connection that the kernel has made and nobody has accepted. So first the socket
/// is told to make no more. On Linux, a filter can drop what would begin a connection (SYN) and let the handshakes under
/// way come to their end; its client asks again after a second and is refused then. A unix-domain socket whose reading
/// side is shut down refuses at once. Where neither is possible, the socket just stays open until it is closed.
package struct ClosingListener {
    private let descriptor: Int32
    private let isUnix: Bool
    /// Milliseconds after which handshakes that were under way have ended: a round trip, even a long one.
    package let settlingTime: UInt64

    /// Has the socket make no connection any more; its owner goes on accepting those that there are.
    package init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var address = sockaddr()
        var length = socklen_t(MemoryLayout<sockaddr>.size)
        isUnix = getsockname(descriptor, &address, &length) == 0 && Int32(address.sa_family) == AF_UNIX
        if isUnix {
            shutdown(descriptor, Int32(SHUT_RD))
            settlingTime = 0
        } else {
            settlingTime = ClosingListener.dropSYN(descriptor) ? 200 : 0
        }
    }

    /// Whether a connection waits to be accepted; nil where that cannot be told but by accepting.
    package var hasWaitingConnection: Bool? {
        // Shut down, it is always ready.
        guard !isUnix else { return nil }
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, 0) > 0
    }

    /// `struct sock_filter` of linux/filter.h.
    private struct Instruction {
        var code: UInt16
        var ifTrue: UInt8
        var ifFalse: UInt8
        var operand: UInt32
    }

    /// `struct sock_fprog` of linux/filter.h.
    private struct Program {
        var count: UInt16
        var instructions: UnsafePointer<Instruction>?
    }

    /// Attaches a filter (classic BPF) that drops segments with SYN; those of a TCP listener begin with the TCP header.
    private static func dropSYN(_ descriptor: Int32) -> Bool {
        let instructions = [
            // The byte of flags (RFC 9293, section 3.1).
            Instruction(code: 0x30, ifTrue: 0, ifFalse: 0, operand: 13),
            Instruction(code: 0x45, ifTrue: 0, ifFalse: 1, operand: 0x02),
            Instruction(code: 0x06, ifTrue: 0, ifFalse: 0, operand: 0),
            Instruction(code: 0x06, ifTrue: 0, ifFalse: 0, operand: .max),
        ]
        return instructions.withUnsafeBufferPointer { buffer in
            var program = Program(count: UInt16(buffer.count), instructions: buffer.baseAddress)
            let size = socklen_t(MemoryLayout<Program>.size)
            return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, size) == 0
        }
    }
}
