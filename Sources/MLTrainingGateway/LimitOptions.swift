import ArgumentParser
import Gateway
import Settings

/// How much of the gateway clients may take, besides `--max-body-bytes`.
struct LimitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Largest request header, in bytes; from 256 bytes on each field counts 64 more. Larger ones get 431.",
            valueName: "bytes"
        )
    )
    var maxHeaderBytes = 14 << 10

    @Option(help: ArgumentHelp("Longest request target, in bytes. Longer ones get 414.", valueName: "bytes"))
    var maxUriBytes = 8 << 10

    @Option(
        help: ArgumentHelp(
            "Requests that may wait for their answer at once; each worker has its share. More get 503. 0: no limit.",
            valueName: "count"
        )
    )
    var maxRequestsInFlight = 10_000

    @Option(help: ArgumentHelp("Connections at once. More get 503. 0: no limit.", valueName: "count"))
    var maxConnections = 16_384

    @Option(
        help: ArgumentHelp(
            """
            Connections at once of one client: an IPv4 address, or an IPv6 network of 64 bits. More get 429. Trusted proxies and \
            unix sockets have no such limit. 0: no limit.
            """,
            valueName: "count"
        )
    )
    var maxConnectionsPerClient = 0

    @Option(help: ArgumentHelp("Seconds for a request's header to arrive.", valueName: "seconds"))
    var headerTimeout = 10.0

    @Option(
        help: ArgumentHelp(
            "Seconds that any body may take to arrive; then --min-body-rate holds.",
            valueName: "seconds"
        )
    )
    var bodyTimeout = 30.0

    @Option(
        help: ArgumentHelp("Bytes a second, on average, of a body that takes longer than that.", valueName: "bytes")
    )
    var minBodyRate = 500

    @Option(
        help: ArgumentHelp(
            "Seconds that a connection may lie idle between two requests, or a client read nothing of an answer.",
            valueName: "seconds"
        )
    )
    var idleTimeout = 75.0

    @Option(
        help: ArgumentHelp(
            "Requests a second that one client may make, such as 5 or 0.5. More get 429. (default: no limit)",
            valueName: "count"
        )
    )
    var rateLimit: Double?

    @Option(
        help: ArgumentHelp(
            "Requests that a client may make at once after a pause. (default: those of two seconds)",
            valueName: "count"
        )
    )
    var rateLimitBurst: Int?

    /// The limits; what is wrong with them is reported.
    func limits(_ effective: inout EffectiveSettings) -> ServiceLimits {
        effective.expect("max-header-bytes", maxHeaderBytes, in: 1024...(256 << 10))
        effective.expect("max-uri-bytes", maxUriBytes, in: 1...(256 << 10))
        effective.expect("max-requests-in-flight", maxRequestsInFlight, in: 0...1_000_000)
        effective.expect("max-connections", maxConnections, in: 0...1_000_000)
        effective.expect("max-connections-per-client", maxConnectionsPerClient, in: 0...1_000_000)
        effective.expect("header-timeout", headerTimeout, in: 0.1...86_400)
        effective.expect("body-timeout", bodyTimeout, in: 0.1...86_400)
        effective.expect("min-body-rate", minBodyRate, in: 1...(1 << 30))
        effective.expect("idle-timeout", idleTimeout, in: 0.1...86_400)
        effective.expect("rate-limit", rateLimit, in: RateLimit.rates)
        effective.expect("rate-limit-burst", rateLimitBurst, in: RateLimit.bursts)
        if rateLimit == nil, rateLimitBurst != nil {
            effective.report("--rate-limit-burst is for --rate-limit", "rate-limit-burst")
        }
        guard effective.problems.isEmpty else { return ServiceLimits() }

        var limits = ServiceLimits()
        limits.headerBytes = maxHeaderBytes
        limits.targetBytes = maxUriBytes
        limits.requestsInFlight = maxRequestsInFlight
        limits.connections = maxConnections
        limits.connectionsPerClient = maxConnectionsPerClient
        limits.headerTimeout = UInt64(headerTimeout * 1e3)
        limits.bodyTimeout = UInt64(bodyTimeout * 1e3)
        limits.bodyRate = minBodyRate
        limits.idleTimeout = UInt64(idleTimeout * 1e3)
        limits.rate = rateLimit.map { RateLimit(rate: $0, burst: rateLimitBurst) }
        return limits
    }
}
