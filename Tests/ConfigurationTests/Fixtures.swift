// Configuration texts that the tests share, and short ways to read one.

import DICOM

@testable import Configuration

/// Debian's /etc/dcmtk/dcmqrscp.cfg without most of its comments, its sample rows uncommented.
let debianSample = """
    #
    NetworkTCPPort  = 104
    MaxPDUSize      = 16384
    MaxAssociations = 16
    # SpecificCharacterSet = "ISO_IR 192", override, discard, transliterate
    UserName      = dcmtk
    GroupName     = dcmtk

    HostTable BEGIN
    acme1           = (ACME1, acmehost1, 5678)
    acme2           = (ACME2, acmehost2, 5678)
    acmeCTcompany   = acme1, acme2
    united1         = (UNITED1, unitedhost1, 104)
    united2         = (UNITED2, unitedhost2, 104)
    unitedMRcompany = united1, united2
    HostTable END

    VendorTable BEGIN
    "Acme CT Company"   = acmeCTcompany
    "United MR Company" = unitedMRcompany
    VendorTable END

    AETable BEGIN
    ACME_STORE   /var/lib/dcmtk/db/ACME_STORE   RW (9, 1024mb)   acmeCTcompany
    UNITED_STORE /var/lib/dcmtk/db/UNITED_STORE RW (9, 1024mb)   unitedMRcompany
    READWRITE     /var/lib/dcmtk/db/READWRITE    RW (10, 1024mb)  ANY
    READ          /var/lib/dcmtk/db/READ         R  (200, 1024mb) ANY
    AETable END

    """

/// Every parameter of storing, and an area that differs.
let storageSample = """
    StorageTCPPort = 11114
    StorageSOPClasses = CTImageStorage, 1.2.840.10008.5.1.4.1.1.4
    TransferSyntaxes = JPEG2000Lossless
    AcceptUnknownStorage = no
    Durability = association
    FileLayout = "{PatientID:8}/{0020,0011:04}"
    FileName = instance-number
    Duplicates = replace
    MinimumFreeSpace = 2.5%, 5gb
    MaxBytes = 4tb
    QuotaAction = delete-oldest
    RetentionDays = 30
    KeepRejected = rejected
    OnSeriesQuiet = 30 hooks/series --fast
    OnStudyQuiet = 300 /usr/bin/study "a b"
    AETable BEGIN
    A  /a RW (9, 1gb) ANY
    B  /b RW (9, 1gb) ANY
    B2 /b R  (9, 1gb) ANY
    AETable END
    AreaTable BEGIN
    B MaxBytes = none
    B FileName = sequential
    B2 Duplicates = keep-first
    AreaTable END

    """

func settings(_ text: String) throws(ConfigurationFaults) -> Settings {
    try Settings.parse(text: Array(text.utf8), file: "test.cfg", folder: "/etc/fileroom")
}

/// The faults of a text, none when it has none.
func faults(_ text: String) -> [ConfigurationFault] {
    do throws(ConfigurationFaults) {
        _ = try settings(text)
        return []
    } catch {
        return error.faults
    }
}

/// An AE title that the test knows to be one.
func title(_ text: String) -> AETitle {
    guard let title = AETitle(text) else { preconditionFailure("no AE title: \(text)") }
    return title
}

/// A file with one area whose peers are `peers`, and a HostTable of `hosts`.
func file(hosts: [String] = [], peers: String) -> String {
    (["HostTable BEGIN"] + hosts + ["HostTable END", "AETable BEGIN", "A /a R (1, 1mb) \(peers)", "AETable END"])
        .joined(separator: "\n")
}
