// Names that begin with some letters, whatever their accents, among sorted folded names: those that can't be meant are leapt
// over, so that a few letters cost a few look-ups.

import DICOM

/// The beginning of a name as `plainLetters` has it.
struct PlainPrefix: Hashable, Sendable {
    private let letters: [Unicode.Scalar]

    init(_ plain: String) { letters = Array(plain.unicodeScalars) }

    var text: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: letters)
        return String(view)
    }

    enum Verdict: Equatable {
        /// It begins so, with its first bytes, so many of them.
        case begins(byteCount: Int)
        /// It doesn't; the next text that may is not before this one.
        case leap([UInt8])
        /// It doesn't, and none behind it does.
        case over
    }

    /// Judges a folded text.
    func judge(_ text: [UInt8]) -> Verdict {
        let scalars = Array(String(decoding: text, as: UTF8.self).unicodeScalars)
        // How many letters are met before each scalar.
        var met: [Int] = []
        var count = 0
        for scalar in scalars {
            if count == letters.count { break }
            met.append(count)
            if PlainLetter.isMark(scalar) { continue }
            guard PlainLetter.of(scalar) == letters[count] else { break }
            count += 1
            if count == letters.count {
                return .begins(byteCount: scalars[..<met.count].reduce(0) { $0 + UTF8.width($1) })
            }
        }
        if letters.isEmpty { return .begins(byteCount: 0) }
        if met.count == scalars.count, isOnTheWay(scalars, count) {
            // The text ends too soon: what it goes on with may do.
            return .leap(Self.bytes(scalars, following(count, above: nil)))
        }
        // The last scalar that can be raised to one that may do.
        for index in met.indices.reversed() {
            if let next = following(met[index], above: scalars[index]) {
                return .leap(Self.bytes(scalars[..<index], next))
            }
        }
        return .over
    }

    /// All of the scalars agree with the letters as far as they go.
    private func isOnTheWay(_ scalars: [Unicode.Scalar], _ count: Int) -> Bool {
        var found = 0
        for scalar in scalars where !PlainLetter.isMark(scalar) {
            guard found < letters.count, PlainLetter.of(scalar) == letters[found] else { return false }
            found += 1
        }
        return found == count
    }

    /// The least scalar above another that may come where `count` letters are met.
    private func following(_ count: Int, above scalar: Unicode.Scalar?) -> Unicode.Scalar? {
        var next = PlainLetter.variants(of: letters[count]).first { scalar == nil || $0 > scalar! }
        // Marks may stand anywhere.
        let mark: Unicode.Scalar? =
            switch scalar {
            case nil: PlainLetter.firstMark
            case let above? where above < PlainLetter.firstMark: PlainLetter.firstMark
            case let above? where above < PlainLetter.lastMark: Unicode.Scalar(above.value + 1)
            default: nil
            }
        if let mark, next == nil || mark < next! { next = mark }
        return next
    }

    private static func bytes(_ scalars: some Sequence<Unicode.Scalar>, _ last: Unicode.Scalar?) -> [UInt8] {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        if let last { text.append(last) }
        return Array(String(text).utf8)
    }
}
