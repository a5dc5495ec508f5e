import Bytes
import GRPCChannel
import RPCCore

/// A call that remembers what its hooks were told, and can be given something to do in them.
final class RecordingCall: ClientCall {
    private(set) var messages: [[UInt8]] = []
    private(set) var closeCount = 0
    var onMessage: ((RecordingCall) -> Void)?
    var onClose: ((RecordingCall) -> Void)?

    convenience init(
        _ method: PreparedMethod,
        _ message: [UInt8] = [],
        metadata: Metadata = Metadata(),
        deadline: Deadline = .never,
        keepsInitialMetadata: Bool = false
    ) {
        var buffer = ByteBuffer()
        MessageFraming.reservePrefix(&buffer)
        buffer.append(contentsOf: message)
        self.init(
            method: method,
            message: buffer,
            metadata: metadata,
            deadline: deadline,
            keepsInitialMetadata: keepsInitialMetadata
        )
    }

    override func didReceive(message: UnsafeRawBufferPointer) {
        messages.append(Array(message))
        onMessage?(self)
    }

    override func didClose() {
        closeCount += 1
        // The closures may well hold the call.
        let onClose = onClose
        self.onClose = nil
        onMessage = nil
        onClose?(self)
    }

    var isClosed: Bool { closeCount > 0 }
    var code: StatusCode? { outcome?.status.code }
}
