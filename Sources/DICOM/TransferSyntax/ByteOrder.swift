// Little endian and big endian (PS3.5 §7.3).

/// The order of a number's bytes.
package enum ByteOrder: Sendable { case little, big }
