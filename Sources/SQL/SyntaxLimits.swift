/// How large the text of a query may be; past it, the query is refused with `query_limit`.
package struct SyntaxLimits: Sendable {
    /// How many bytes a query may have.
    package var bytesMax = 1 << 20
    /// How many tokens a query may have; a node of the tree takes about 100 bytes for each.
    package var tokensMax = 1 << 18
    /// How deep parts of the query may lie in each other, in the text and in the tree.
    ///
    /// Whatever walks the tree recurses: reading the worst query of this depth takes less than
    /// 1 MiB of stack in release builds, and less than 4 MiB in debug builds.
    package var depthMax = 200

    /// The limits of queries that clients send.
    package init() {}
}
