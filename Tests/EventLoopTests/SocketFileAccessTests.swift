import EventLoop
import Glibc
import Testing

/// Mode and owner of the file of a unix-domain socket.
@Suite
struct SocketFileAccessTests {
    private let path = "/tmp/socket-file-access-tests-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"

    @Test(arguments: [("0660", 0o660), ("600", 0o600), ("0777", 0o777), ("0", 0)])
    func modes(text: String, mode: UInt32) throws {
        #expect(try SocketFileAccess.parseMode(text) == mode)
    }

    @Test(arguments: ["", "0668", "rw-rw----", "1777", "0o660", "-660", "99999999999999"])
    func otherModes(text: String) {
        let error = #expect(throws: AddressError.self) { try SocketFileAccess.parseMode(text) }
        #expect(error?.description == "\"\(text)\" is not a file mode in octal, such as 0660")
    }

    @Test(
        arguments: [
            ("root", 0, nil), ("12", 12, nil), ("root:root", 0, 0), (":root", nil, 0), ("0:34", 0, 34),
            (":99", nil, 99),
        ] as [(String, UInt32?, UInt32?)]
    )
    func owners(text: String, user: UInt32?, group: UInt32?) throws {
        let access = try SocketFileAccess(owner: text)
        #expect(access.user == user)
        #expect(access.group == group)
        #expect(access.mode == nil)
    }

    @Test(arguments: [
        ("", "\"\" is not USER, USER:GROUP or :GROUP"), (":", "\":\" is not USER, USER:GROUP or :GROUP"),
        ("root:", "\"root:\" is not USER, USER:GROUP or :GROUP"),
        ("no-such-user", "there is no user \"no-such-user\""),
        ("root:no-such-group", "there is no group \"no-such-group\""),
        ("4294967295", "there is no user \"4294967295\""), ("a:b:c", "there is no user \"a\""),
        (":1:2", "there is no group \"1:2\""),
    ])
    func otherOwners(text: String, message: String) {
        let error = #expect(throws: AddressError.self) { try SocketFileAccess(owner: text) }
        #expect(error?.description == message)
    }

    @Test(arguments: [0o600, 0o660, 0o777, 0o000] as [UInt32])
    func theModeIsThatOfTheFile(mode: UInt32) throws {
        var access = SocketFileAccess()
        access.mode = mode
        let group = try ListenerGroup(try #require(SocketAddress(unixPath: path)), count: 2, access: access)
        defer { group.removeSocketFile() }
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == mode)
        #expect(status.st_uid == getuid())
    }

    @Test(.enabled(if: getuid() == 0))
    func theOwnerIsThatOfTheFile() throws {
        let access = try SocketFileAccess(owner: "12:34")
        let group = try ListenerGroup(try #require(SocketAddress(unixPath: path)), count: 1, access: access)
        defer { group.removeSocketFile() }
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_uid == 12)
        #expect(status.st_gid == 34)
    }
}
