package import Bytes
internal import CZlib

/// Reads gzip (RFC 1952), over and over with the same memory, some 40 KiB; for one thread.
package final class GzipDecoder {
    /// 15 is the largest window there is, 16 more takes gzip alone, and not zlib's frame.
    private static let windowBits: Int32 = 15 + 16
    private static let smallestStep = 4096

    // Rule (a): ours, ended in deinit. At a fixed address, which zlib's state points back to.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Nil without memory.
    package init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard gateway_inflate_init(stream, GzipDecoder.windowBits) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Appends what `content`, one gzip member or several in a row (section 2.2), holds.
    ///
    /// It stops with the first byte past `limit`, however much more there would be. After an error `output` holds what
    /// came before it.
    package func decode(
        _ content: UnsafeRawBufferPointer,
        limit: Int,
        into output: inout ByteBuffer
    ) throws(GzipError) {
        guard content.count < UInt32.max else { throw .tooLarge }
        // Rule (d): what zlib reads and writes is lent for the length of this call. It does not write to its input.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: content.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(content.count)
        defer {
            stream.pointee.next_in = nil
            stream.pointee.next_out = nil
        }
        let start = output.count
        repeat {
            guard inflateReset(stream) == Z_OK else { throw .outOfMemory }
            try decodeMember(limit: limit, start: start, inputCount: content.count, into: &output)
        } while stream.pointee.avail_in > 0
    }

    private func decodeMember(
        limit: Int,
        start: Int,
        inputCount: Int,
        into output: inout ByteBuffer
    ) throws(GzipError) {
        while true {
            // One byte more than is allowed, to see whether there is one.
            let allowed = limit - (output.count - start) + 1
            let step = max(GzipDecoder.smallestStep, inputCount, output.count - start)
            let room = min(allowed, step, Int(Int32.max))
            var status = Z_OK
            output.appendUnsafe(room) { place in
                stream.pointee.next_out = place
                stream.pointee.avail_out = UInt32(room)
                status = inflate(stream, Z_NO_FLUSH)
                return room - Int(stream.pointee.avail_out)
            }
            guard output.count - start <= limit else { throw .tooLarge }
            switch status {
            case Z_STREAM_END: return
            // Full, or out of input, which is then cut short.
            case Z_OK: guard stream.pointee.avail_out == 0 else { throw .malformed }
            case Z_MEM_ERROR: throw .outOfMemory
            default: throw .malformed
            }
        }
    }
}
