internal import CLinux
import Glibc

/// The end of a service manager that hears what a service says of itself (sd_notify(3)).
package final class NotifySocket {
    /// What the service finds in `NOTIFY_SOCKET`.
    package let name: String
    /// Owned here.
    private let descriptor: Int32
    /// What has come so far, a message each, assignments in lines.
    package private(set) var messages: [String] = []

    /// Binds a socket at `name`, a path or `@` and a name in the abstract namespace.
    package init(_ name: String) throws(SystemError) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: name.utf8)
            if name.hasPrefix("@") { bytes[0] = 0 }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard bound == 0 else {
            let error = SystemError("bind \(name)")
            close(descriptor)
            throw error
        }
        self.name = name
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
        if !name.hasPrefix("@") { unlink(name) }
    }

    /// Waits for another message; nil if none comes within `limit`.
    package func next(within limit: Duration = .seconds(10)) -> String? {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&watched, 1, MonotonicTime.now.advanced(by: limit).millisecondsLeft) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { return nil }
        messages.append(String(decoding: buffer[..<count], as: UTF8.self))
        return messages.last
    }

    /// Waits for a message with this line; says whether it came.
    package func hears(_ line: String, within limit: Duration = .seconds(10)) -> Bool {
        let deadline = MonotonicTime.now.advanced(by: limit)
        while deadline.millisecondsLeft > 0 {
            guard let message = next(within: .milliseconds(Int64(deadline.millisecondsLeft))) else { return false }
            if message.split(separator: "\n").contains(line[...]) { return true }
        }
        return false
    }
}
