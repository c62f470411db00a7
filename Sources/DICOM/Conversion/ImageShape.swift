// What the elements before the pixel data say of its size (PS3.3 §C.7.6.3), for pixel data that doesn't say so itself.

/// The Image Pixel attributes of one data set, as far as they were met.
struct ImageShape: Equatable {
    /// Of this data set or, until it is met here, the one around it.
    var isSigned = false
    var rows: Int?
    var columns: Int?
    var samplesPerPixel = 1
    var bitsAllocated: Int?
    /// 0 colour by pixel, 1 colour by plane (PS3.3 §C.7.6.3.1.3).
    var planarConfiguration = 0
    var frames = 1

    /// Longest value that is looked at: an IS.
    static let valueBytes = 16

    static func isPart(_ tag: Tag) -> Bool {
        switch tag {
        case .rows, .columns, .samplesPerPixel, .bitsAllocated, .planarConfiguration, .numberOfFrames,
            .pixelRepresentation:
            true
        default: false
        }
    }

    /// Takes a value that is one of them, numbers in little endian. A value that is no number is as one that isn't there.
    mutating func take(_ tag: Tag, _ value: RawSpan) {
        if tag == .numberOfFrames {
            let text = [UInt8](copying: value).trimmingPadding()
            guard !text.isEmpty else { return }
            frames = Int(String(decoding: text, as: UTF8.self)) ?? 0
            return
        }
        guard let number = try? value.littleEndian(UInt16.self, at: 0) else { return }
        switch tag {
        case .rows: rows = Int(number)
        case .columns: columns = Int(number)
        case .samplesPerPixel: samplesPerPixel = Int(number)
        case .bitsAllocated: bitsAllocated = Int(number)
        case .planarConfiguration: planarConfiguration = Int(number)
        case .pixelRepresentation: isSigned = number & 0xFF == 1
        default: break
        }
    }

    /// That of an item within.
    var inner: ImageShape {
        var inner = ImageShape()
        inner.isSigned = isSigned
        return inner
    }
}
