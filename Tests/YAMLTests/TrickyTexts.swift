/// Texts that a writer of YAML may get wrong.
enum TrickyTexts {
    /// Which some reader takes for something else than a string where they are plain.
    static let otherTypes = [
        "", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "yes", "Yes", "no", "NO", "on", "On", "off",
        "OFF", "y", "Y", "n", "N", "=", "<<", "0", "-0", "+1", "12", "1_000", "-1_0", "007", "0o17", "0O7", "0x1F",
        "-0xff", "0X1f", "0b101", "0b1_0", "1:30", "190:20:30", "-1:30.5", "1.", "1.5", "-.5", "+.5", ".5", "._5",
        "1_0.5_0", "1e3", "1E+3", "1.5e-3", ".5e3", "1.e3", ".inf", "-.inf", "+.Inf", ".INF", ".nan", ".NaN", ".NAN",
        "2026-01-31", "2026-1-3", "2026-01-31T23:59:59Z", "2026-01-31t23:59:59.5+01:00", "2026-01-31 23:59:59",
        "2026-01-31\t1:02:03 -5", "99999999999999999999999",
    ]

    /// Which every reader takes for a string where they may be plain at all.
    static let strings = [
        "a", "nul", "nulls", "nullable", "truely", "yesterday", "Not", "one", "nano", "e1", "e", "x1F", "inf", "nan",
        "_1", "_", "3.1.0", "1.2.3", "v1", "4xx", "1st", "1e", "1e+", "1e3e", "1.5e3.5", "0x1G", "0xx", "0b1x", "+",
        "-", "+-1", "--1", "..", ".", ".a", ".info", "-inf", "1 2", "12 a", "1,5", "192.168.0.1", "2026-01",
        "2026-01-31T23-59-59", "2026-01-31 and more", "20260-01-31", "2026-013-01", "2026--1", "2026-01-", "2026-01-x",
        "/v1", "é", "🙂", "a b", "==", "<", "<<<", "~a",
    ]

    /// Which hold what means something to YAML, or what must be escaped.
    static let others = [
        " ", " a", "a ", "a\t", "\ta", "- a", "-", "? a", "?", ": a", ":", "a: b", "a:", "a :b", "a #b", "#c", "a#b",
        "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "'a'", "\"a\"", "it's", "\\", "a\\n", "{a}", "[a]", "{", "]", ",",
        "a, b", "---", "...", "--- a", "... a", "\n", "a\n", "\na", "a\n\n", "\n\na\n\n", "a\nb", "a\n b", " a\nb",
        "a \nb", "\ta\nb", "a\n\tb", "a\n#b", "a\n---\nb", "a\n...\n", "a\r\nb", "a\rb", "\r", "\u{0}", "a\u{0}b",
        "a\u{0}\nb", "\u{1}", "\u{1B}", "\u{7F}", "\u{85}", "a\u{85}b", "\u{A0}", "\u{2028}", "a\u{2029}b", "\u{FEFF}",
        "\u{FEFF}a", "a\u{FEFF}", "\u{FFFD}", "\u{FFFE}", "\u{FFFF}x", "\u{10FFFF}", "🙂\n🙂", "e\u{301}", "'", "''",
        "\"", "a'b\"c", "true ", " 1", "1 ", "!!str", String(repeating: "x", count: 200),
        String(repeating: "x y ", count: 200) + "z",
    ]

    static let all = otherTypes + strings + others
}
