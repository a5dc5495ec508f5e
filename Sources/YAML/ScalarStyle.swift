/// How a scalar is written (YAML 1.2.2, sections 7.3 and 8.1).
package enum ScalarStyle: Hashable, Sendable {
    /// Without quotes: what it is goes by its text.
    case plain
    case singleQuoted, doubleQuoted
    /// `|`, line by line.
    case literal
    /// `>`, where line breaks are white space.
    case folded
}
