import Bytes
import GRPCChannel

/// A call that counts its messages' bytes instead of keeping them.
final class CountingCall: ClientCall {
    private let onBytes: (Int) -> Void
    private(set) var isClosed = false
    var onMessage: ((CountingCall) -> Void)?

    init(_ method: PreparedMethod, _ onBytes: @escaping (Int) -> Void) {
        self.onBytes = onBytes
        var buffer = ByteBuffer()
        MessageFraming.reservePrefix(&buffer)
        super.init(method: method, message: buffer)
    }

    override func didReceive(message: UnsafeRawBufferPointer) {
        onBytes(message.count)
        onMessage?(self)
    }

    override func didClose() {
        isClosed = true
        onMessage = nil
    }
}
