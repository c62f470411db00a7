// What one association may use of memory and time: the bounds that keep one peer from harming others.

import UpperLayer

/// The limits of one association. Sizes bound memory, times bound waiting; each has a default that suits a server.
package struct AssociationLimits: Equatable, Sendable {
    /// Longest P-DATA-TF that we receive, the maximum length that we announce (PS3.8 §D.1); at least 4,096.
    package var receivePDUBytes = 131_072
    /// What an A-ASSOCIATE-RQ or -AC may hold.
    package var associate = AssociateLimits.standard
    /// Longest command set.
    package var commandBytes = 65_536
    /// Longest data set that is held in memory: an identifier. Longer ones are read over and reported as `.tooLarge`.
    package var dataSetBytes = 1 << 20

    /// From the connection to the whole A-ASSOCIATE-RQ: the ARTIM timer (PS3.8 §9.1.5); on the requesting side, to the answer.
    package var associateSeconds = 30.0
    /// Until a TCP connection is there, for each address tried.
    package var connectSeconds = 10.0
    /// Between the PDUs of one message, and inside a PDU.
    package var messageSeconds = 30.0
    /// For the response to a request that we sent.
    package var responseSeconds = 120.0
    /// With no message at all.
    package var idleSeconds = 600.0
    /// Without the peer taking a byte of what we send.
    package var blockedSendSeconds = 60.0
    /// For A-RELEASE-RP.
    package var releaseSeconds = 10.0
    /// For the peer's close after A-ABORT, A-ASSOCIATE-RJ and A-RELEASE-RP (ARTIM), and for its taking an A-ABORT.
    package var closeSeconds = 10.0
    /// Least rate of a message that takes longer than `leastRateSeconds`, in bytes a second.
    package var leastRateBytesPerSecond = 1024
    /// For so long a message may be slower.
    package var leastRateSeconds = 60.0

    package init() {}

    package static let standard = AssociationLimits()
}
