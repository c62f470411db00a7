// How identifiers of retrievals are read: what the configuration and the negotiation decide about it.

import DICOM

/// How identifiers of retrievals are read.
package struct RetrieveRules: Sendable {
    /// They keep to the hierarchical search (PS3.4 §C.4.2.2.1).
    package var isStrict = false
    /// SOP classes for which relational retrieval was negotiated (PS3.4 §C.5.2.1).
    package var relationalClasses: Set<UID> = []
    /// Of requests that name none.
    package var characterSet = RequestCharacterSet()

    package init() {}
}
