// How urgent a request says it is.

/// The Priority (0000,0700) of an operation (PS3.7 §E.1-1). Ignored by us on receipt, which the standard allows.
package enum Priority: UInt16, Sendable { case medium = 0, high = 1, low = 2 }
