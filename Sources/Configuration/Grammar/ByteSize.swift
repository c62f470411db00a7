// Sizes with a unit, of quotas and of global parameters.

/// A number of bytes as dcmqrscp.cfg writes them: digits, then `b`, `kb`, `mb` or `gb` in either case;
/// `tb` is Fileroom's.
struct ByteSize: Equatable {
    let bytes: Int

    init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits) else { return nil }
        let factor: Int
        switch text[digits.endIndex...].lowercased() {
        case "b": factor = 1
        case "kb": factor = 1 << 10
        case "mb": factor = 1 << 20
        case "gb": factor = 1 << 30
        case "tb": factor = 1 << 40
        default: return nil
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        bytes = product
    }
}
