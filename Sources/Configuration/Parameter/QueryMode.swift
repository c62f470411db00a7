// The parameter `QueryMode`.

/// How identifiers of queries and retrievals are read.
package enum QueryMode: String, CaseIterable, Sendable {
    /// As real clients send them: any key at any level, a level that is left out is inferred.
    case lenient
    /// As the hierarchical search has them; others are refused with A900H (PS3.4 §C.4.1.2.1).
    case strict
}
