/// How large the text of a query may be; past it, the query is refused with `query_limit`.
package struct SyntaxLimits: Sendable {
    /// How many bytes a query may have.
    package var bytesMax = 1 << 20
    /// How many tokens a query may have; a node of the tree takes about 100 bytes for each.
    package var tokensMax = 1 << 18
    /// How deep parts of the query may lie in each other, in the text and in the tree: whatever
    /// walks the tree recurses, on threads whose stacks are no larger than they are.
    package var depthMax = 200

    /// The limits of queries that clients send.
    package init() {}
}
