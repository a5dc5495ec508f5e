import EventLoop
import Gateway
import HTTPServer
import Settings

extension ServeOptions {
    /// Where to listen, and how.
    struct Listeners {
        /// A socket's address, and the socket itself where the process was started with it.
        typealias Place = (address: SocketAddress, socket: PassedSocket?)

        let main: Place
        let admin: Place?
        let access: SocketFileAccess
        let tls: ServerCredentials?

        func apply(to configuration: inout GatewayConfiguration) {
            configuration.listenSocket = main.socket
            configuration.listenAccess = access
            configuration.adminListen = admin?.address
            configuration.adminListenSocket = admin?.socket
            configuration.tls = tls
        }
    }

    /// What the process was started with: taken out of the environment once, before there are threads.
    static let passedSockets = PassedSockets.take()

    /// The listeners that the options make; nil if anything is wrong.
    func listeners(_ effective: inout EffectiveSettings, isCheck: Bool) -> Listeners? {
        // Whether they are used or not.
        _ = ServeOptions.passedSockets
        let target = effective.parse("listen") { try ListenTarget(parsing: listen) }
        let access = listener.access(for: target, &effective)
        let tls = listener.credentials(&effective)
        let main = target.flatMap { place($0, "listen", &effective, isCheck: isCheck) }
        guard adminListen != "off" else {
            return main.map { Listeners(main: $0, admin: nil, access: access, tls: tls) }
        }
        let adminTarget = effective.parse("admin-listen") { try ListenTarget(parsing: adminListen) }
        let admin = adminTarget.flatMap { place($0, "admin-listen", &effective, isCheck: isCheck) }
        if let socket = main?.socket, socket == admin?.socket {
            effective.report("--listen and --admin-listen are the same passed socket", "listen", "admin-listen")
        }
        guard let main, let admin else { return nil }
        return Listeners(main: main, admin: admin, access: access, tls: tls)
    }

    private func place(
        _ target: ListenTarget,
        _ option: String,
        _ effective: inout EffectiveSettings,
        isCheck: Bool
    ) -> Listeners.Place? {
        switch target {
        case .address(let address):
            return (address, nil)
        case .passed(let name):
            // Outside of the service there is nothing to look at, and nothing wrong with that.
            if isCheck, ServeOptions.passedSockets.isEmpty {
                return SocketAddress(unixPath: listen).map { ($0, nil) }
            }
            let socket = effective.parse(option) { try ServeOptions.passedSockets.socket(named: name) }
            return socket.map { ($0.address, $0) }
        }
    }
}
