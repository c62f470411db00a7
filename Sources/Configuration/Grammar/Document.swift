// A configuration file, line by line: global parameters, and tables between BEGIN and END. Nothing stops the reading, so
// that all mistakes are found at once.

import DICOM

extension Settings {
    /// Reads the bytes of a configuration file.
    ///
    /// - Parameters:
    ///   - text: the file's bytes: UTF-8 outside comments, lines ended by LF or CR LF.
    ///   - file: its name, for messages.
    ///   - folder: the absolute path of its folder, which relative paths are relative to.
    /// - Throws: all mistakes, in the order of their lines.
    package static func parse(text: [UInt8], file: String, folder: String) throws(ConfigurationFaults) -> Settings {
        var document = Document(file: file, folder: folder)
        for (index, line) in text.droppingByteOrderMark.split(separator: 0x0A, omittingEmptySubsequences: false)
            .enumerated()
        {
            document.read(line, number: index + 1)
        }
        return try document.settings()
    }
}

extension [UInt8] {
    fileprivate var droppingByteOrderMark: ArraySlice<UInt8> {
        starts(with: [0xEF, 0xBB, 0xBF]) ? self[3...] : self[...]
    }
}

/// The tables by name.
private enum Table: String, CaseIterable {
    case hosts = "HostTable"
    case vendors = "VendorTable"
    case areas = "AETable"
    case storage = "AreaTable"
    case peers = "PeerTable"
}

/// What has been read of a configuration file.
private struct Document {
    let file: String
    let folder: String
    private var read = Settings()
    private var hostRows: [HostRow] = []
    private var vendorRows: [HostRow] = []
    private var areaRows: [StorageAreaRow] = []
    private var storageLines = StorageLines()
    private var peerRows: [PeerRow] = []
    private var lineOfParameter: [String: Int] = [:]
    private var open: (table: Table, line: Int)?
    private var lastLine = 1
    private var faults: [LineFault] = []

    init(file: String, folder: String) {
        self.file = file
        self.folder = folder
    }

    mutating func read(_ line: ArraySlice<UInt8>, number: Int) {
        do throws(ValueFault) {
            let words = try LineLexer.words(of: line)
            guard let first = words.first else { return }
            lastLine = number
            if first.form == .bare, let table = Table(rawValue: first.text) {
                try readBoundary(of: table, words: words, line: number)
            } else if let table = open?.table {
                try readRow(of: table, words: words, line: number)
            } else {
                try readParameter(named: first.text, words: Array(words.dropFirst()), line: number)
            }
        } catch {
            lastLine = number
            faults.append(LineFault(line: number, fault: error))
        }
    }

    private mutating func readBoundary(of table: Table, words: [Word], line: Int) throws(ValueFault) {
        let name = table.rawValue
        let opened = open
        switch words.count > 1 ? words[1].text : "" {
        case "BEGIN":
            open = (table, line)
            if let opened {
                throw ValueFault(
                    found: "\(name) BEGIN inside the \(opened.table.rawValue) of line \(opened.line)",
                    expected: "\(opened.table.rawValue) END before it")
            }
        case "END":
            open = nil
            guard let opened else {
                throw ValueFault(found: "\(name) END", expected: "\(name) BEGIN before it")
            }
            if opened.table != table {
                throw ValueFault(
                    found: "\(name) END", expected: "\(opened.table.rawValue) END (begun in line \(opened.line))")
            }
        default:
            throw ValueFault(
                found: "\(name) \(words.count > 1 ? words[1].text : "alone")", expected: "\(name) BEGIN or \(name) END")
        }
    }

    private mutating func readRow(of table: Table, words: [Word], line: Int) throws(ValueFault) {
        switch table {
        case .hosts, .vendors:
            let row = HostRow(name: words[0].text, list: try PeerList(words[1...]), line: line)
            row.list.remarks.forEach { warn($0, line: line) }
            if table == .hosts { hostRows.append(row) } else { vendorRows.append(row) }
        case .areas:
            let row = try StorageAreaRow(words, line: line, folder: folder)
            row.remarks.forEach { warn($0, line: line) }
            areaRows.append(row)
        case .storage: storageLines.add(try AreaRow(words, line: line, folder: folder))
        case .peers: peerRows.append(try PeerRow(words, line: line, folder: folder))
        }
    }

    private mutating func readParameter(named name: String, words: [Word], line: Int) throws(ValueFault) {
        let value = ParameterValue(parameter: name, words: words, folder: folder)
        if let parameter = StorageParameter(rawValue: name) {
            storageLines.set(parameter, try StorageSetting(parameter, value), line: line)
            warnOfRepetition(of: name, line: line)
            return
        }
        guard let parameter = Parameter(rawValue: name) else {
            let known =
                Parameter.allCases.filter { !$0.isIgnored }.map(\.rawValue)
                + StorageParameter.allCases.map(\.rawValue) + Table.allCases.map(\.rawValue)
            let nearest = nearestName(to: name, among: known)
            throw ValueFault(
                found: "the unknown parameter \(name.quoted)",
                expected: nearest ?? "one of " + known.joined(separator: ", "))
        }
        try parameter.apply(value, to: &read)
        if !parameter.isIgnored { warnOfRepetition(of: name, line: line) }
        let losingOptions = ["transliterate", "discard"]
        if parameter == .specificCharacterSet, words.contains(where: { losingOptions.contains($0.text) }) {
            warn("what can't be said in \(name) goes out in UTF-8; nothing is replaced or left out", line: line)
        }
        guard words.count > 1, !parameter.isList else { return }
        guard parameter.isOfDcmqrscp else { throw value.superfluous }
        warn("\(words[1].text.quoted) after the value of \(name) is not read", line: line)
    }

    private mutating func warnOfRepetition(of name: String, line: Int) {
        guard let earlier = lineOfParameter.updateValue(line, forKey: name) else { return }
        warn("\(name) stands in line \(earlier) too; this one counts", line: line)
    }

    private mutating func warn(_ text: String, line: Int) {
        read.warnings.append(ConfigurationWarning(file: file, line: line, text: text))
    }

    /// Puts the rows together.
    mutating func settings() throws(ConfigurationFaults) -> Settings {
        if let open {
            faults.append(
                LineFault(
                    line: lastLine,
                    fault: ValueFault(
                        found: "the end of the file",
                        expected: "\(open.table.rawValue) END (begun in line \(open.line))")))
        }
        var resolver = HostResolver(hostRows)
        warnOfRepeatedNames()
        read.hosts = resolver.entries
        read.vendors = vendorRows.map { HostEntry(name: $0.name, peers: resolver.peers(of: $0.list, line: $0.line)) }
        for row in areaRows { add(row, &resolver) }
        faults += resolver.faults
        read.peerFallbacks = PeerRow.resolved(peerRows, hosts: read.hosts, vendors: read.vendors, &faults)
        checkDefaultAETitle()
        checkPorts()
        resolveStorage()
        guard faults.isEmpty else {
            throw ConfigurationFaults(
                faults: faults.sorted { $0.line < $1.line }.map {
                    ConfigurationFault(file: file, line: $0.line, found: $0.fault.found, expected: $0.fault.expected)
                })
        }
        read.warnings.sort { $0.line < $1.line }
        return read
    }

    private mutating func warnOfRepeatedNames() {
        var lineOfName: [String: Int] = [:]
        for row in hostRows {
            if let earlier = lineOfName[row.name] {
                warn(
                    "the symbolic name \(row.name.quoted) stands in line \(earlier) too; that one counts",
                    line: row.line)
            } else {
                lineOfName[row.name] = row.line
            }
        }
    }

    /// Adds an area; of two rows with one title the first counts, but the peers of both may call, as in dcmqrscp.
    private mutating func add(_ row: StorageAreaRow, _ resolver: inout HostResolver) {
        let rule = row.peers.map { PeerRule.listed(resolver.peers(of: $0, line: row.line)) } ?? .any
        guard let known = read.areas.firstIndex(where: { $0.aeTitle == row.aeTitle }) else {
            read.areas.append(
                StorageAreaEntry(
                    aeTitle: row.aeTitle, folder: row.folder, access: row.access, quota: row.quota, peers: rule))
            return
        }
        let earlier = read.areas[known]
        if earlier.folder != row.folder || earlier.access != row.access {
            warn("\(row.aeTitle) has a row before this one: folder and access stand there", line: row.line)
        }
        if case .listed(let peers) = earlier.peers, case .listed(let more) = rule {
            var all = OrderedPeers()
            for peer in peers + more { all.append(peer) }
            read.areas[known].peers = .listed(all.peers)
        } else {
            read.areas[known].peers = .any
        }
    }

    private mutating func checkDefaultAETitle() {
        guard let title = read.defaultAETitle, !areaRows.contains(where: { $0.aeTitle == title }) else { return }
        let known = areaRows.map(\.aeTitle.text)
        let nearest = nearestName(to: title.text, among: known).map { " (\($0)?)" } ?? ""
        faults.append(
            LineFault(
                line: lineOfParameter[Parameter.defaultAETitle.rawValue] ?? lastLine,
                fault: ValueFault(
                    found: "DefaultAETitle = \(title.text.quoted), which the AETable doesn't have",
                    expected: known.isEmpty
                        ? "an AETable with that title" : "one of its titles: \(known.joined(separator: ", "))\(nearest)"
                )))
    }

    /// Two daemons can't listen on one port.
    private mutating func checkPorts() {
        guard let port = read.storageTCPPort, port != 0, port == read.networkTCPPort else { return }
        let storageLine = lineOfParameter[Parameter.storageTCPPort.rawValue] ?? lastLine
        let line = lineOfParameter[Parameter.networkTCPPort.rawValue]
        let other = line.map { "the NetworkTCPPort of line \($0)" } ?? "the NetworkTCPPort unless the file sets another"
        faults.append(
            LineFault(
                line: storageLine,
                fault: ValueFault(
                    found: "StorageTCPPort = \(port), which is \(other)",
                    expected: "another port, or no StorageTCPPort: then fileroom-qrd serves storage too")))
    }

    private mutating func resolveStorage() {
        let resolved = storageLines.resolved(for: read.areas)
        read.storage = resolved.common
        read.storageOfFolder = resolved.ofFolder
        faults += resolved.faults
        for remark in resolved.remarks { warn(remark.text, line: remark.line) }
    }
}
