/// A value of a YAML document, as it is written: what a scalar stands for, its reader decides.
package struct Node: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case scalar(String, ScalarStyle)
        case sequence([Node])
        /// In the order of the text; no key occurs twice.
        case mapping([Member])
    }

    package struct Member: Hashable, Sendable {
        package let key: String
        package let keyMark: Mark
        package let value: Node
    }

    package let content: Content
    /// The tag that is written out, with its handle resolved, as `!secret` or `tag:yaml.org,2002:str`; nil if none is.
    package let tag: String?
    /// Where its text begins.
    package let mark: Mark
}
