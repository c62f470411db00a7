// JSON for scripts: objects keep the order in which their members are given.

import Platform

/// A JSON value.
enum JSON {
    case string(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case array([JSON])
    case object([(String, JSON)])
    case null

    /// On one line, but an array at the top a line an element.
    var text: String {
        if case .array(let elements) = self {
            if elements.isEmpty { return "[]\n" }
            return "[\n" + elements.map { "  " + $0.compact }.joined(separator: ",\n") + "\n]\n"
        }
        return compact + "\n"
    }

    /// The members of a path: one where it is UTF-8; else also its bytes in hexadecimal, because the text has lost some.
    static func path(_ name: String, _ path: Path) -> [(String, JSON)] {
        var members: [(String, JSON)] = [(name, .string("\(path)"))]
        if String(validating: path.bytes, as: UTF8.self) == nil {
            members.append((name + "Bytes", .string(hexadecimal(path.bytes))))
        }
        return members
    }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    var compact: String {
        switch self {
        case .string(let text): Self.quoted(text)
        case .integer(let value): String(value)
        case .number(let value): value.isFinite ? String((value * 1_000).rounded() / 1_000) : "0"
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .array(let elements): "[" + elements.map(\.compact).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { Self.quoted($0.0) + ": " + $0.1.compact }.joined(separator: ", ") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _ where scalar.isControl:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
