internal import Bytes

/// Writes Prometheus' text format, version 0.0.4.
struct Exposition: ~Copyable {
    enum Kind {
        case counter, gauge, histogram

        var name: StaticString {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    typealias Label = (name: StaticString, value: String)

    static let contentType: StaticString = "text/plain; version=0.0.4; charset=utf-8"
    /// What the gateway's own metrics begin with.
    static let prefix: StaticString = "mltraining_gateway_"

    private(set) var text = ByteBuffer(capacity: 16 << 10)
    /// Name of the family that samples belong to.
    private var family: StaticString = ""
    private var isOwn = true

    /// Begins a family of the gateway's own, or one whose `name` is all of it.
    mutating func begin(_ name: StaticString, _ kind: Kind, isOwn: Bool = true, _ help: StaticString) {
        family = name
        self.isOwn = isOwn
        text.append("# HELP ")
        appendName()
        text.append(" ")
        text.append(help)
        text.append("\n# TYPE ")
        appendName()
        text.append(" ")
        text.append(kind.name)
        text.append("\n")
    }

    mutating func sample(_ labels: Label..., value: UInt64) {
        appendStart("", labels)
        text.append(utf8: String(value))
        text.append("\n")
    }

    mutating func sample(_ labels: Label..., nanoseconds: UInt64) {
        appendStart("", labels)
        appendSeconds(nanoseconds)
        text.append("\n")
    }

    mutating func histogram(_ labels: Label..., value: Histogram) {
        var count: UInt64 = 0
        for index in value.buckets.indices {
            count &+= value.buckets[index]
            let bound = index < Histogram.bounds.count ? "\(Histogram.bounds[index].seconds)" : "+Inf"
            appendStart("_bucket", labels + [("le", bound)])
            text.append(utf8: String(count))
            text.append("\n")
        }
        appendStart("_sum", labels)
        appendSeconds(value.sum)
        text.append("\n")
        appendStart("_count", labels)
        text.append(utf8: String(count))
        text.append("\n")
    }

    /// The text, to be given away.
    consuming func finish() -> ByteBuffer { text }

    private mutating func appendName() {
        if isOwn { text.append(Exposition.prefix) }
        text.append(family)
    }

    private mutating func appendStart(_ suffix: StaticString, _ labels: [Label]) {
        appendName()
        text.append(suffix)
        for (index, label) in labels.enumerated() {
            text.append(index == 0 ? "{" : ",")
            text.append(label.name)
            text.append("=\"")
            appendEscaped(label.value)
            text.append("\"")
        }
        text.append(labels.isEmpty ? " " : "} ")
    }

    private mutating func appendEscaped(_ value: String) {
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): text.append("\\\\")
            case UInt8(ascii: "\""): text.append("\\\"")
            case UInt8(ascii: "\n"): text.append("\\n")
            default: text.append(byte)
            }
        }
    }

    /// Exact, which a `Double` would not be.
    private mutating func appendSeconds(_ nanoseconds: UInt64) {
        text.append(utf8: String(nanoseconds / 1_000_000_000))
        let digits = String(nanoseconds % 1_000_000_000)
        text.append(".")
        for _ in digits.utf8.count..<9 { text.append(UInt8(ascii: "0")) }
        text.append(utf8: digits)
    }
}
