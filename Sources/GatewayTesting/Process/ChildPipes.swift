internal import CLinux
import Glibc

/// The standard streams of a child process while it is being started.
///
/// Standard input is a socket pair, since `send` can do without SIGPIPE and `write` cannot.
struct ChildPipes: ~Copyable {
    let childInput: Int32
    let childOutput: Int32
    let childError: Int32
    private let input: Int32
    private let output: Int32
    private let error: Int32

    init() throws(SystemError) {
        var descriptors = [Int32](repeating: -1, count: 6)
        let isMade = descriptors.withUnsafeMutableBufferPointer { ends -> Bool in
            guard let first = ends.baseAddress else { return false }
            let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
            return socketpair(AF_UNIX, kind, 0, first) == 0
                && pipe2(first + 2, O_CLOEXEC) == 0
                && pipe2(first + 4, O_CLOEXEC) == 0
        }
        guard isMade else {
            let error = SystemError("pipe2")
            for descriptor in descriptors where descriptor >= 0 { close(descriptor) }
            throw error
        }
        (input, childInput) = (descriptors[0], descriptors[1])
        (output, childOutput) = (descriptors[2], descriptors[3])
        (error, childError) = (descriptors[4], descriptors[5])
    }

    deinit {
        for descriptor in [childInput, childOutput, childError, input, output, error] { close(descriptor) }
    }

    /// Closes the child's ends and gives the parent's away.
    consuming func takeParentEnds() -> (input: Int32, output: Int32, error: Int32) {
        let ends = (input, output, error)
        close(childInput)
        close(childOutput)
        close(childError)
        discard self
        return ends
    }
}
