import Bytes
import Glibc

/// Bytes on their way to a socket: some copied, some only pointed at.
struct OutputQueue: ~Copyable {
    enum Progress {
        case done, wouldBlock, failed
    }

    /// A run of bytes: at `base`, or at `offset` of the copied bytes where `base` is nil.
    private struct Segment {
        var base: UnsafeRawPointer?
        var offset: Int
        var count: Int
    }

    private static let maximumVectors = 64
    private var copied = ByteBuffer()
    private var segments: [Segment] = []
    private var firstSegment = 0
    /// Bytes not yet written.
    private(set) var count = 0

    mutating func append(copying bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        let offset = copied.count
        copied.append(contentsOf: bytes)
        count += bytes.count
        if let last = segments.indices.last, segments[last].base == nil {
            segments[last].count += bytes.count
        } else {
            segments.append(Segment(base: nil, offset: offset, count: bytes.count))
        }
    }

    /// Queues `bytes` by reference: they must stay valid until the queue is done or gone.
    mutating func append(referring bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        count += bytes.count
        segments.append(Segment(base: bytes.baseAddress, offset: 0, count: bytes.count))
    }

    /// Writes as much as the socket takes.
    mutating func write(to descriptor: Int32) -> Progress {
        while count > 0 {
            let written = writeOnce(to: descriptor)
            if written < 0 {
                switch errno {
                case EINTR: continue
                case EAGAIN: return .wouldBlock
                default: return .failed
                }
            }
            advance(by: written)
        }
        return .done
    }

    private func writeOnce(to descriptor: Int32) -> Int {
        let base = copied.bytes.baseAddress
        return withUnsafeTemporaryAllocation(of: iovec.self, capacity: OutputQueue.maximumVectors) { vectors in
            var used = 0
            while used < vectors.count, firstSegment + used < segments.count {
                let segment = segments[firstSegment + used]
                let start = segment.base.map { $0 + segment.offset } ?? base.map { $0 + segment.offset }
                vectors[used] = iovec(iov_base: UnsafeMutableRawPointer(mutating: start), iov_len: segment.count)
                used += 1
            }
            var message = msghdr()
            message.msg_iov = vectors.baseAddress
            message.msg_iovlen = used
            return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
        }
    }

    private mutating func advance(by written: Int) {
        count -= written
        if count == 0 {
            segments.removeAll(keepingCapacity: true)
            firstSegment = 0
            copied.truncate(to: 0)
            return
        }
        var rest = written
        while rest > 0 {
            if segments[firstSegment].count > rest {
                segments[firstSegment].offset += rest
                segments[firstSegment].count -= rest
                rest = 0
            } else {
                rest -= segments[firstSegment].count
                firstSegment += 1
            }
        }
    }
}
