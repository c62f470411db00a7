// What the accepting side decides on an A-ASSOCIATE-RQ.

import UpperLayer

/// The answer to an association request: a policy that judges each context, or a refusal (PS3.8 §7.1.1.7).
package enum AssociationDecision: Sendable {
    /// Accepted; `NegotiationPolicy` gives the contexts', roles' and extended negotiations' answers.
    case accept(NegotiationPolicy)
    case reject(AssociateReject)
}
