internal import Glibc

extension SocketAddress {
    /// Sends `request` there and returns all that comes back until the other side ends the connection, or `limit` bytes.
    ///
    /// Blocks the thread for no longer than about `timeout` seconds a step; for commands that do nothing else.
    package func exchange(_ request: [UInt8], limit: Int, timeout: Int) throws(UVError) -> [UInt8] {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw UVError("socket", -errno) }
        defer { close(descriptor) }
        var time = timeval(tv_sec: timeout, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
        // Bounded by the time for sending, socket(7).
        guard withSockAddr({ address, size in connect(descriptor, address, size) }) == 0 else {
            throw UVError("connect", -(errno == EINPROGRESS ? ETIMEDOUT : errno))
        }
        var sent = 0
        while sent < request.count {
            let count = request[sent...].withUnsafeBytes { rest in
                send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw UVError("send", -(errno == EAGAIN ? ETIMEDOUT : errno)) }
            sent += count
        }
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while answer.count < limit {
            let count = recv(descriptor, &piece, min(piece.count, limit - answer.count), 0)
            guard count >= 0 else { throw UVError("recv", -(errno == EAGAIN ? ETIMEDOUT : errno)) }
            if count == 0 { break }
            answer += piece[..<count]
        }
        return answer
    }
}
