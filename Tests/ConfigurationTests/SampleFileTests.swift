// etc/fileroom.cfg, and what broken bytes of a configuration file do (T10).

import DICOM
import Foundation
import Testing

@testable import Configuration

@Suite("etc/fileroom.cfg and damaged files, T10") struct SampleFileTests {
    /// The bytes of etc/fileroom.cfg, three folders above this file.
    static let sample: [UInt8] = {
        let top = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        return FileManager.default.contents(atPath: top + "/etc/fileroom.cfg").map(Array.init) ?? []
    }()

    @Test func `says the defaults`() throws {
        let read = try Settings.parse(text: Self.sample, file: "fileroom.cfg", folder: "/etc/fileroom")
        var defaults = Settings()
        // UTF-8 is what an unset character set means; the sample spells it out.
        defaults.responseCharacterSet.characterSet = "ISO_IR 192"
        // The ports are a suggestion, and said to be.
        defaults.networkTCPPort = 11_112
        defaults.storageTCPPort = 11_114
        #expect(read == defaults)
    }

    static let parameters = Parameter.allCases.map(\.rawValue) + StorageParameter.allCases.map(\.rawValue)

    @Test(arguments: parameters) func `explains every parameter`(parameter: String) {
        let text = String(decoding: Self.sample, as: UTF8.self)
        let words = text.split { !$0.isLetter && !$0.isNumber }
        #expect(words.contains { $0 == parameter })
    }

    @Test func `has no wrong example`() throws {
        let text = String(decoding: Self.sample, as: UTF8.self)
        let names = Set(Self.parameters)
        // Examples are comments whose first word is a parameter and whose second is =, or that begin right after the #.
        let uncommented = text.split(separator: "\n").map { line -> String in
            let body = line.drop { $0 == "#" }
            let words = body.split(separator: " ")
            let isParameter = words.count > 2 && words[1] == "=" && names.contains(String(words[0]))
            let isRow = line.hasPrefix("#") && !body.hasPrefix(" ") && !body.hasPrefix("-")
            return isParameter || isRow ? String(body) : String(line)
        }
        let read = try settings(uncommented.joined(separator: "\n"))
        #expect(read.areas.map(\.aeTitle.text) == ["ARCHIVE_CT", "READWRITE", "READ"])
        #expect(read.hosts.count == 4 && read.vendors.count == 1 && read.listenAddress != nil && read.workers != nil)
        #expect(
            read.storage.fileLayout.fileName != nil && read.storage.onSeriesQuiet?.arguments == ["--queue", "fast"])
        #expect(read.storage(of: read.areas[0]).maximumBytes == 500 << 30 && read.storage.maximumBytes == 4 << 40)
        #expect(read.storage.sopClasses?.count == 3 && read.storage(of: read.areas[0]).sopClasses?.count == 2)
        #expect(read.storage(of: read.areas[0]).fallbackCharacterSet == FallbackCharacterSet("ISO_IR 101"))
        #expect(read.peerFallbacks.map(\.name) == ["Acme CT Company"] && read.peerFallbacks[0].peers.count == 3)
        #expect(read.distinctAreas.count == 2 && read.warnings.map(\.text).allSatisfy { $0.contains("stands in line") })
    }

    @Test(arguments: [debianSample, storageSample, String(decoding: sample, as: UTF8.self)])
    func `T10 cut at any byte, gives settings or faults`(sample: String) {
        let text = Array(sample.utf8)
        for length in text.indices { outcome(Array(text[..<length])) }
    }

    @Test(arguments: [debianSample, storageSample], [UInt8(0x01), 0x20, 0x80, 0xFF])
    func `T10 with any byte flipped, gives settings or faults`(sample: String, mask: UInt8) {
        var text = Array(sample.utf8)
        for index in text.indices {
            text[index] ^= mask
            outcome(text)
            text[index] ^= mask
        }
    }

    @Test func `T10 of any bytes at all, names lines that exist`() {
        var state: UInt64 = 0x5EED
        for _ in 0..<300 {
            let text = (0..<200).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let alphabet = Array("#()\"'=, \n\n\tABC1\\".utf8)
                let value = Int(state >> 40)
                return value & 64 == 0 ? alphabet[value % alphabet.count] : UInt8(truncatingIfNeeded: value >> 8)
            }
            outcome(text)
        }
    }

    private func outcome(_ text: [UInt8]) {
        do throws(ConfigurationFaults) {
            _ = try Settings.parse(text: text, file: "f", folder: "/")
        } catch {
            let lines = text.count { $0 == 0x0A } + 1
            #expect(!error.faults.isEmpty && error.faults.allSatisfy { (1...lines).contains($0.line) })
        }
    }
}
