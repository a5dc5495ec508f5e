/// All templates of a gateway in one immutable tree of path segments, laid out in flat arrays.
///
/// The tree covers a template up to its `**`. What follows `**` can only be literals, so it is kept as a *tail* of the
/// node and compared with the end of the path. Every node has one parent and one depth, which is what bounds matching:
/// backtracking visits each node at most once, and the path is split once (see `RouteTrie+Match.swift`).
package struct RouteTrie: Sendable {
    /// A range of a table below.
    struct Slice {
        var start: UInt32
        var end: UInt32

        var range: Range<Int> { Int(start)..<Int(end) }
    }

    /// What a path may have matched once it has come to a place in the tree.
    struct Node {
        /// Into ``RouteTrie/edges``, ordered by length, then bytes.
        var edges: Slice
        /// Child for `*`, 0 (the root, which is no child) for none.
        var wildcard: UInt32
        /// Into ``RouteTrie/tails``, most literals first.
        var tails: Slice
        /// Into ``RouteTrie/groups``: the templates that end here.
        var groups: Slice
    }

    /// A literal segment and the node behind it.
    struct Edge {
        var literal: Slice
        var node: UInt32
    }

    /// `**` and the literals after it.
    struct Tail {
        /// Into ``RouteTrie/tailLiterals``.
        var literals: Slice
        var groups: Slice
    }

    /// The templates that end at one place with the same verb, or without one.
    struct Group {
        /// Into ``RouteTrie/text``, empty for no verb.
        var verb: Slice
        /// Into ``RouteTrie/entries``, ordered by method.
        var entries: Slice
        var methods: HTTPMethodSet
        /// The same without those entries that refuse an empty `**`.
        var methodsForEmptyRest: HTTPMethodSet
    }

    /// One route.
    struct Entry {
        var method: HTTPMethod
        /// A variable captures nothing but `**`, and captures are not empty.
        var refusesEmptyRest: Bool
        var route: UInt32
    }

    /// Where the capture of a variable begins and ends.
    struct CapturePlan {
        /// Segments before it.
        var start: UInt32
        /// Segments up to its end, or from its end to the path's end if it holds the `**`.
        var end: UInt32
        var endCountsFromBack: Bool
    }

    /// The root is the first; never empty.
    var nodes: [Node] = []
    var edges: [Edge] = []
    var tails: [Tail] = []
    /// Into ``text``.
    var tailLiterals: [Slice] = []
    var groups: [Group] = []
    var entries: [Entry] = []
    /// By route, into ``capturePlans``.
    var routeCaptures: [Slice] = []
    var capturePlans: [CapturePlan] = []
    /// Decoded literals and verbs.
    var text: [UInt8] = []

    /// Segments of the longest template up to its `**`.
    var maximumDepth = 0
    /// Literals of the longest tail.
    var maximumTail = 0
    /// Bytes of the longest literal.
    var maximumLiteral = 0
}
