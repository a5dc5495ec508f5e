import EventLoop
import Glibc
import Testing

/// Sockets that a process was started with, as far as that can be seen from within it.
@Suite
struct PassedSocketsTests {
    private let own = "\(getpid())"

    private func failure(_ sockets: PassedSockets, _ name: String?) -> String? {
        #expect(throws: AddressError.self) { try sockets.socket(named: name) }?.description
    }

    @Test(arguments: [
        (nil, nil), (nil, "1"), ("1", "1"), ("", "1"), ("own", nil), ("own", "0"), ("own", "-3"), ("own", "many"),
    ])
    func thoseForNobodyOrForOthersAreNone(process: String?, count: String?) {
        let sockets = PassedSockets(process: process == "own" ? own : process, count: count, names: nil)
        #expect(sockets.isEmpty)
        #expect(failure(sockets, nil)?.hasPrefix("no socket was passed to this process") == true)
    }

    @Test
    func oneIsChosenByItsName() {
        let sockets = PassedSockets(process: own, count: "4", names: "web:admin:web")
        let list = #""web", "admin", "web", "unknown""#
        #expect(failure(sockets, nil) == "4 sockets were passed; choose one by systemd:NAME, of \(list)")
        #expect(failure(sockets, "web") == "more than one passed socket is named \"web\"; there are \(list)")
        #expect(failure(sockets, "other") == "no passed socket is named \"other\"; there are \(list)")
    }

    @Test
    func aListeningSocketIsTaken() throws {
        for text in ["127.0.0.1:0", "unix:/tmp/passed-sockets-tests-\(getpid()).sock"] {
            let address = try SocketAddress(parsing: text)
            let descriptor = try ListeningSocket(address).takeDescriptor()
            defer { close(descriptor) }
            _ = fcntl(descriptor, F_SETFL, 0)
            let passed = try PassedSocket(descriptor, name: "web")
            #expect(passed.address.port != 0)
            #expect(passed.address == address || passed.address.port != nil)
            #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            let group = try ListenerGroup(passed)
            let copies = [try group.makeSocket().takeDescriptor(), try group.makeSocket().takeDescriptor()]
            #expect(Set(copies + [descriptor]).count == 3)
            for copy in copies { close(copy) }
            group.closeUnused()
            group.removeSocketFile()
            if case let path = text.dropFirst(5), text.hasPrefix("unix:") {
                #expect(access(String(path), F_OK) == 0)
                unlink(String(path))
            }
        }
    }

    @Test
    func whatDoesNotListenIsRefused() throws {
        let stream = Int32(SOCK_STREAM.rawValue)
        let datagram = Int32(SOCK_DGRAM.rawValue)
        let cases = [
            (socket(AF_INET, stream, 0), "is not a listening socket (Accept=no)"),
            (socket(AF_UNIX, stream, 0), "is not a listening socket (Accept=no)"),
            (socket(AF_INET, datagram, 0), "is not a stream socket (ListenStream=)"),
            (open("/dev/null", O_RDONLY), "is not a stream socket (ListenStream=)"),
        ]
        for (descriptor, message) in cases {
            let error = #expect(throws: AddressError.self) { try PassedSocket(descriptor, name: "x") }
            #expect(error?.description == "descriptor \(descriptor), which was passed, \(message)")
            close(descriptor)
        }
        let error = #expect(throws: AddressError.self) { try PassedSocket(-1, name: "x") }
        #expect(error?.description == "descriptor -1, which was passed, is not open")
    }

    @Test(arguments: [
        ("systemd", ListenTarget.passed(name: nil)), ("systemd:web", .passed(name: "web")),
        ("systemd:a:b", .passed(name: "a:b")),
    ])
    func targets(text: String, target: ListenTarget) throws {
        #expect(try ListenTarget(parsing: text) == target)
        #expect("\(target)" == text)
        #expect(!target.isSocketFile)
    }

    @Test
    func otherTargets() throws {
        #expect(try ListenTarget(parsing: "unix:/x").isSocketFile)
        #expect(try !ListenTarget(parsing: "127.0.0.1:80").isSocketFile)
        #expect("\(try ListenTarget(parsing: "[::1]:80"))" == "[::1]:80")
        let error = #expect(throws: AddressError.self) { try ListenTarget(parsing: "systemd:") }
        #expect(error?.description == "\"systemd:\" names no socket")
    }
}
