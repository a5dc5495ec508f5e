/// Whether and where requests are logged.
package struct AccessLogConfiguration: Hashable, Sendable {
    package enum Format: String, CaseIterable, Sendable {
        /// A JSON object a line.
        case json
        /// Apache's and NCSA's common log format with referer and user agent ("combined").
        case common
    }

    package var format: Format
    /// A file that lines are appended to, nil for standard output.
    package var path: String?

    package init(format: Format, path: String? = nil) {
        self.format = format
        self.path = path
    }
}
