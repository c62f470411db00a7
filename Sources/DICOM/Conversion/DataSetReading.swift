// How a conversion reads the data set that it converts, wherever that lies.

/// Reads up to `count` bytes of a data set from `offset` on into `buffer` from `index` on, which has the room; fewer only at the end.
///
/// - Returns: how many.
package typealias DataSetReading = (
    _ offset: Int, _ count: Int, _ buffer: inout [UInt8], _ index: Int
) throws(ConversionFault) -> Int
