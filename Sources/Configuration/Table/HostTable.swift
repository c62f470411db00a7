// The HostTable and the VendorTable: names for peers and for groups of peers, and what they resolve to.

/// A symbolic name of the HostTable, or a vendor of the VendorTable, with the peers that it stands for.
package struct HostEntry: Equatable, Sendable {
    package let name: String
    /// Each once, in the order in which they are named.
    package let peers: [Peer]
}

/// A row of one of the two tables, before its symbolic names are looked up.
struct HostRow {
    let name: String
    let list: PeerList
    let line: Int
}

/// A mistake that shows when rows are put together.
struct LineFault: Equatable {
    let line: Int
    let fault: ValueFault
}

/// Looks symbolic names up: groups may hold groups, in any order, to any depth.
struct HostResolver {
    private let rows: [HostRow]
    /// The first row of each name: dcmqrscp takes the first too.
    private let rowOfName: [String: Int]
    private var peersOfRow: [[Peer]?]
    private(set) var faults: [LineFault] = []

    init(_ rows: [HostRow]) {
        self.rows = rows
        rowOfName = Dictionary(rows.indices.map { (rows[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
        peersOfRow = Array(repeating: nil, count: rows.count)
        for row in rows.indices { resolve(row) }
    }

    /// The HostTable's entries, in the file's order.
    var entries: [HostEntry] {
        rows.indices.map { HostEntry(name: rows[$0].name, peers: peersOfRow[$0] ?? []) }
    }

    /// The peers of a list outside the HostTable.
    mutating func peers(of list: PeerList, line: Int) -> [Peer] {
        var gathered = OrderedPeers()
        for item in list.items {
            switch item {
            case .peer(let peer): gathered.append(peer)
            case .symbol(let name):
                guard let row = row(named: name, line: line) else { continue }
                for peer in peersOfRow[row] ?? [] { gathered.append(peer) }
            }
        }
        return gathered.peers
    }

    private mutating func row(named name: String, line: Int) -> Int? {
        if let row = rowOfName[name] { return row }
        let nearest = nearestName(to: name, among: rows.map(\.name)).map { "; the nearest is \($0.quoted)" } ?? ""
        let hint = name == "ANY" ? "ANY alone, as the peers of an AETable row, or " : ""
        faults.append(
            LineFault(
                line: line,
                fault: ValueFault(
                    found: "the symbolic name \(name.quoted), which the HostTable doesn't have",
                    expected: "\(hint)\(Peer.form) or a symbolic name of the HostTable\(nearest)")))
        return nil
    }

    /// A row on the way to its peers: which of its items comes next, and what it has so far.
    private struct Visit {
        let row: Int
        var nextItem = 0
        var gathered = OrderedPeers()
    }

    /// Depth first with a stack of our own, so that a long chain of groups costs heap and not the thread's stack.
    private mutating func resolve(_ start: Int) {
        guard peersOfRow[start] == nil else { return }
        var path = [Visit(row: start)]
        while var visit = path.popLast() {
            let row = rows[visit.row]
            guard visit.nextItem < row.list.items.count else {
                peersOfRow[visit.row] = visit.gathered.peers
                continue
            }
            let item = row.list.items[visit.nextItem]
            var wanted: Int?
            switch item {
            case .peer(let peer): visit.gathered.append(peer)
            case .symbol(let name):
                if let other = self.row(named: name, line: row.line) {
                    if let peers = peersOfRow[other] {
                        for peer in peers { visit.gathered.append(peer) }
                    } else if other == visit.row || path.contains(where: { $0.row == other }) {
                        report(cycleThrough: other, path: path.map(\.row) + [visit.row])
                    } else {
                        wanted = other
                    }
                }
            }
            // An item whose row isn't known yet is looked at again once it is.
            if wanted == nil { visit.nextItem += 1 }
            path.append(visit)
            if let wanted { path.append(Visit(row: wanted)) }
        }
    }

    private mutating func report(cycleThrough row: Int, path: [Int]) {
        let names = (path.drop { $0 != row } + [row]).map { rows[$0].name }
        faults.append(
            LineFault(
                line: rows[path.last ?? row].line,
                fault: ValueFault(
                    found: "a group that contains itself: \(names.joined(separator: " -> "))",
                    expected: "groups of other groups and of peers")))
    }
}
