// swift-tools-version: 6.2
// Fileroom's floors, lowest first: a target names only targets above it in this file.
import PackageDescription

let settings: [SwiftSetting] =
    [
        .strictMemorySafety(), .enableExperimentalFeature("Lifetimes"),
        .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("ExistentialAny"),
    ] + (Context.environment["FILEROOM_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)])

/// A floor of the house and its tests.
func floor(_ name: String, on below: Target.Dependency...) -> [Target] {
    [
        .target(name: name, dependencies: below, swiftSettings: settings),
        .testTarget(
            name: name + "Tests", dependencies: [.byName(name: name), "Support"] + below,
            swiftSettings: settings),
    ]
}

/// A program: arguments and wiring only.
func program(_ name: String, on below: Target.Dependency...) -> Target {
    .executableTarget(name: name, dependencies: below, swiftSettings: settings)
}

let package = Package(
    name: "fileroom",
    targets: [
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CPlatform"),
        .target(
            name: "Support", dependencies: ["DICOM", "Platform"], path: "Tests/Support", swiftSettings: settings),
    ]
        + floor("DICOM", on: "CZlib")
        + floor("Platform", on: "CPlatform")
        + floor("UpperLayer", on: "DICOM")
        + floor("ArchiveIndex", on: "DICOM", "Platform")
        + floor("DIMSE", on: "DICOM", "Platform", "UpperLayer")
        + floor("Archive", on: "DICOM", "Platform", "ArchiveIndex")
        + floor("Configuration", on: "DICOM")
        + floor("ServiceClasses", on: "DICOM", "Platform", "UpperLayer", "DIMSE", "ArchiveIndex", "Archive")
        + floor(
            "Daemon",
            on: "DICOM", "Platform", "UpperLayer", "DIMSE", "ArchiveIndex", "Archive", "Configuration", "ServiceClasses"
        )
        + [
            program(
                "fileroom-index", on: "DICOM", "Platform", "ArchiveIndex", "Archive", "Configuration", "Daemon"),
            program("fileroom-qrd", on: "Daemon"),
            program("fileroom-stored", on: "Daemon"),
            // For measuring and testing: no floor of the house, not installed.
            .executableTarget(
                name: "workbench", dependencies: ["DICOM", "Platform", "ArchiveIndex", "Daemon", "Support"],
                path: "tools/workbench", swiftSettings: settings),
        ]
)
