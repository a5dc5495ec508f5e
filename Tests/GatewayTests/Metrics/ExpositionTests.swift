import Bytes
import Testing

@testable import Gateway

@Suite
struct ExpositionTests {
    private func text(_ body: (inout Exposition) -> Void) -> String {
        var exposition = Exposition()
        body(&exposition)
        let text = exposition.finish()
        return String(decoding: text.bytes, as: UTF8.self)
    }

    @Test
    func aFamilyHasItsTypeAndItsHelp() {
        let text = text { out in
            out.begin("things_total", .counter, "Things.")
            out.sample(value: 3)
            out.sample(("kind", "a\"b\\c\nd"), ("other", ""), value: .max)
            out.begin("process_open_fds", .gauge, isOwn: false, "Files.")
            out.sample(nanoseconds: 1_002_000_003)
        }
        #expect(
            text == #"""
                # HELP mltraining_gateway_things_total Things.
                # TYPE mltraining_gateway_things_total counter
                mltraining_gateway_things_total 3
                mltraining_gateway_things_total{kind="a\"b\\c\nd",other=""} 18446744073709551615
                # HELP process_open_fds Files.
                # TYPE process_open_fds gauge
                process_open_fds 1.002000003

                """#
        )
    }

    @Test
    func aHistogramIsCumulative() {
        var histogram = Histogram()
        histogram.observe(1)
        histogram.observe(200_000)
        histogram.observe(100_000_000_000)
        let lines = text { out in
            out.begin("time_seconds", .histogram, "Time.")
            out.histogram(("phase", "x"), value: histogram)
        }.split(separator: "\n").dropFirst(2)
        #expect(lines.first == #"mltraining_gateway_time_seconds_bucket{phase="x",le="0.0001"} 1"#)
        #expect(lines.dropFirst().first == #"mltraining_gateway_time_seconds_bucket{phase="x",le="0.00025"} 2"#)
        #expect(
            lines.suffix(3) == [
                #"mltraining_gateway_time_seconds_bucket{phase="x",le="+Inf"} 3"#,
                #"mltraining_gateway_time_seconds_sum{phase="x"} 100.000200001"#,
                #"mltraining_gateway_time_seconds_count{phase="x"} 3"#,
            ]
        )
    }
}
