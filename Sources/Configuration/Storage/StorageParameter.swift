// The parameters of storing by name: global ones that the AreaTable may set otherwise for an area.

import DICOM

/// Every parameter that may stand both among the global ones and in the AreaTable.
package enum StorageParameter: String, CaseIterable, Sendable {
    case storageSOPClasses = "StorageSOPClasses"
    case transferSyntaxes = "TransferSyntaxes"
    case acceptUnknownStorage = "AcceptUnknownStorage"
    case durability = "Durability"
    case fileLayout = "FileLayout"
    case fileName = "FileName"
    case duplicates = "Duplicates"
    case minimumFreeSpace = "MinimumFreeSpace"
    case maxBytes = "MaxBytes"
    case quotaAction = "QuotaAction"
    case retentionDays = "RetentionDays"
    case keepRejected = "KeepRejected"
    case onSeriesQuiet = "OnSeriesQuiet"
    case onStudyQuiet = "OnStudyQuiet"
    case fallbackCharacterSet = "FallbackCharacterSet"

    /// Whether it takes all the words of its line.
    var isList: Bool {
        switch self {
        case .storageSOPClasses, .transferSyntaxes, .minimumFreeSpace, .onSeriesQuiet, .onStudyQuiet: true
        default: false
        }
    }
}

/// One of these parameters with its value.
enum StorageSetting: Equatable {
    case sopClasses(Set<UID>?)
    case transferSyntaxes(Set<UID>?)
    case unknownStorage(UnknownStorage)
    case durability(Durability)
    /// Its naming is another parameter's.
    case fileLayout(FileLayout)
    case fileNaming(FileNaming)
    case duplicates(DuplicatePolicy)
    case minimumFreeSpace(FreeSpaceReserve)
    case maximumBytes(Int?)
    case quotaAction(QuotaAction)
    case retentionDays(Int)
    case rejectedFolder(String?)
    case onSeriesQuiet(QuietProgram?)
    case onStudyQuiet(QuietProgram?)
    case fallbackCharacterSet(FallbackCharacterSet)

    init(_ parameter: StorageParameter, _ value: ParameterValue) throws(ValueFault) {
        // First of all: a template with a comma that isn't in quotation marks is torn.
        guard value.words.count <= 1 || parameter.isList else { throw value.superfluous }
        switch parameter {
        case .storageSOPClasses: self = .sopClasses(try AcceptedUIDs.sopClasses(value))
        case .transferSyntaxes: self = .transferSyntaxes(try AcceptedUIDs.transferSyntaxes(value))
        case .acceptUnknownStorage: self = .unknownStorage(try value.choice(of: UnknownStorage.self))
        case .durability: self = .durability(try value.choice(of: Durability.self))
        case .fileLayout: self = .fileLayout(try FileLayout(value))
        case .fileName: self = .fileNaming(try value.choice(of: FileNaming.self))
        case .duplicates: self = .duplicates(try value.choice(of: DuplicatePolicy.self))
        case .minimumFreeSpace: self = .minimumFreeSpace(try FreeSpaceReserve(value))
        case .maxBytes: self = .maximumBytes(try value.isNone ? nil : value.bytes(in: 1...Int.max))
        case .quotaAction: self = .quotaAction(try value.choice(of: QuotaAction.self))
        case .retentionDays: self = .retentionDays(try value.integer(in: 0...36_500, unit: " (days)"))
        case .keepRejected: self = .rejectedFolder(try value.isNone ? nil : value.path())
        case .onSeriesQuiet: self = .onSeriesQuiet(try QuietProgram.parse(value))
        case .onStudyQuiet: self = .onStudyQuiet(try QuietProgram.parse(value))
        case .fallbackCharacterSet: self = .fallbackCharacterSet(try value.fallbackCharacterSet())
        }
    }

    func apply(to settings: inout StorageSettings) {
        switch self {
        case .sopClasses(let uids): settings.sopClasses = uids
        case .transferSyntaxes(let uids): settings.transferSyntaxes = uids
        case .unknownStorage(let choice): settings.unknownStorage = choice
        case .durability(let choice): settings.durability = choice
        case .fileLayout(var layout):
            layout.naming = settings.fileLayout.naming
            settings.fileLayout = layout
        case .fileNaming(let naming): settings.fileLayout.naming = naming
        case .duplicates(let policy): settings.duplicates = policy
        case .minimumFreeSpace(let reserve): settings.minimumFreeSpace = reserve
        case .maximumBytes(let bytes): settings.maximumBytes = bytes
        case .quotaAction(let action): settings.quotaAction = action
        case .retentionDays(let days): settings.retentionDays = days
        case .rejectedFolder(let folder): settings.rejectedFolder = folder
        case .onSeriesQuiet(let program): settings.onSeriesQuiet = program
        case .onStudyQuiet(let program): settings.onStudyQuiet = program
        case .fallbackCharacterSet(let fallback): settings.fallbackCharacterSet = fallback
        }
    }
}

extension FileLayout {
    /// A layout's name or a template, with the nearest name for one that is unknown.
    fileprivate init(_ value: ParameterValue) throws(ValueFault) {
        let expected =
            "one of \(FileLayout.names.joined(separator: ", ")), or a template such as {PatientID}/{StudyDate}"
        let text = try value.text(expected: expected)
        do throws(PathTemplateFault) {
            try self.init(text, naming: .sopUID)
        } catch {
            let nearest: String? =
                switch error {
                case .unknownField(let name):
                    nearestName(to: name, among: PathTemplate.dateFields + DataDictionary.keywords)
                case .unknownLayout(let name): nearestName(to: name, among: FileLayout.names)
                default: nil
                }
            throw ValueFault(
                found: "\(value.parameter) with \(error.found)",
                expected: error.expected + (nearest.map { " (\($0)?)" } ?? ""))
        }
    }
}

extension ParameterValue {
    /// `none`, which stands for no value where one can be set.
    var isNone: Bool { words.first.map { $0.form == .bare && $0.text.lowercased() == "none" } ?? false }
}
