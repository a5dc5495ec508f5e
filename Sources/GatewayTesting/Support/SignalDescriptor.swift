internal import CLinux
import Glibc

/// Signals as something to poll for; they are blocked for the calling thread and those it starts.
package struct SignalDescriptor: ~Copyable {
    /// A signalfd, owned here.
    let descriptor: Int32

    package init(_ signals: [Int32]) throws(SystemError) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        descriptor = signalfd(-1, &set, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
        if descriptor < 0 { throw SystemError("signalfd") }
    }

    deinit {
        close(descriptor)
    }
}
