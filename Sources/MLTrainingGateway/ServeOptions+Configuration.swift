import EventLoop
import GRPCChannel
import Gateway
import Glibc
import HTTPServer
import Logging
import Settings

extension ServeOptions {
    /// The configuration that the options make, with what the files hold that they name.
    ///
    /// Goes on where something is wrong, to report it all; nil then. In a `check`, sockets need not have been passed.
    func configuration(
        _ effective: inout EffectiveSettings,
        _ secrets: EnvironmentSecrets,
        isCheck: Bool = false
    ) -> GatewayConfiguration? {
        checkNumbers(&effective)
        let listeners = listeners(&effective, isCheck: isCheck)
        let targets = upstream.compactMap { text in effective.parse("upstream") { try ChannelTarget(text) } }
        let exposed = effective.parse("expose-metadata") { try exposedMetadata() }
        let cors = effective.parse("cors-origin") { try self.cors.policy(exposed ?? ExposedMetadata()) }
        let json = json.settings(&effective)
        let limits = limits.limits(&effective)
        let trustedProxies = proxy.trustedProxies(&effective)
        let basePath = proxy.path(&effective)
        observability.check(&effective)
        signIn.check(listen: listeners?.main.address, &effective)
        let viamAuth = signIn.load(&effective, secrets)
        var credentials: TLSCredentials?
        // What is said of files for TLS would mislead where an upstream is not known.
        if targets.count == upstream.count {
            security.check(for: targets, &effective)
            let names = ("upstream-ca", "upstream-cert", "upstream-key")
            credentials = effective.load(names.0, names.1, names.2) { try security.credentials(for: targets) } ?? nil
        }
        guard effective.problems.isEmpty, let listeners, let exposed, let cors, let viamAuth else { return nil }

        var configuration = GatewayConfiguration(listen: listeners.main.address, upstreams: targets)
        listeners.apply(to: &configuration)
        if let warning = listeners.tls?.warning { effective.warn(warning) }
        configuration.upstreamAuthority = security.upstreamAuthority
        configuration.upstreamTLS = credentials
        configuration.keepaliveTime = keepaliveTime.map { UInt64($0 * 1e9) }
        configuration.upstreamHealthCheck = upstreamHealthCheck
        configuration.viamAuth = viamAuth
        observability.apply(to: &configuration, effective)
        configuration.ambientCredential = signIn.ambientCredential(listen: listeners.main.address)
        if let warning = signIn.warning(for: targets) { effective.warn(warning) }
        configuration.workers = workers ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        configuration.json = json
        configuration.maximumRequestBytes = maxBodyBytes
        configuration.limits = limits
        configuration.trustedProxies = trustedProxies
        configuration.basePath = basePath
        configuration.maximumResponseBytes = maxResponseBytes
        configuration.exposedMetadata = exposed
        configuration.compressesAnswers = compression.compression
        configuration.cors = cors
        configuration.deadline = UInt64(deadline * 1e9)
        configuration.maximumDeadline = UInt64(maxDeadline * 1e9)
        configuration.eventKeepAlive = UInt64(sseKeepalive * 1e3)
        configuration.shutdownGrace = UInt64(shutdownGrace * 1e3)
        configuration.shutdownDelay = UInt64(shutdownDelay * 1e3)
        return configuration
    }

    private func checkNumbers(_ effective: inout EffectiveSettings) {
        effective.expect("workers", workers, in: 1...1024)
        effective.expect("max-body-bytes", maxBodyBytes, in: 1...(1 << 31))
        effective.expect("max-response-bytes", maxResponseBytes, in: 1...(1 << 31))
        effective.expect("deadline", deadline, in: 0.001...86_400)
        effective.expect("max-deadline", maxDeadline, in: 0.001...86_400)
        effective.expect("sse-keepalive", sseKeepalive, in: 0.1...86_400)
        effective.expect("shutdown-grace", shutdownGrace, in: 0...86_400)
        effective.expect("shutdown-delay", shutdownDelay, in: 0...86_400)
        effective.expect("cors-max-age", cors.corsMaxAge, in: 0...86_400)
        effective.expect("keepalive-time", keepaliveTime, in: 10...86_400)
        if deadline > maxDeadline {
            effective.report("--deadline must not be above --max-deadline", "deadline", "max-deadline")
        }
    }

    private func exposedMetadata() throws -> ExposedMetadata {
        let names = exposeMetadata.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        // After a comma there may be white space.
        return try ExposedMetadata(names: names.map { String($0.drop { $0 == " " }) })
    }
}
