// Devices of a synthetic department: who made them, what they write, what they are used for.

import DICOM

/// One kind of examination on one kind of device.
struct Device: Sendable {
    let modality: String
    let sopClass: UID
    let manufacturer: String
    let model: String
    /// What its stations' names begin with.
    let station: String
    let department: String
    let imageType: String
    let examinations: [Examination]
    let rows: ClosedRange<Int>
    let columns: ClosedRange<Int>
    let bitsAllocated: Int
    /// Length of a file without its header, in thousandths of the uncompressed pixels.
    let compression: ClosedRange<Int>
}

/// What is done with a device.
struct Examination: Sendable {
    let description: String
    let bodyPart: String
    /// Descriptions of the series, each a protocol's name too.
    let series: [String]
}

extension Device {
    static let computedTomography = Device(
        modality: "CT", sopClass: UID(literal: "1.2.840.10008.5.1.4.1.1.2"), manufacturer: "SIEMENS",
        model: "SOMATOM Force", station: "CT", department: "Radiology",
        imageType: "ORIGINAL\\PRIMARY\\AXIAL\\CT_SOM5 SPI",
        examinations: [
            Examination(
                description: "CT Abdomen/Pelvis w IV contrast", bodyPart: "ABDOMEN",
                series: ["Topogram 0.6 T20f", "Abdomen 3.0 I31f 3", "Abdomen 1.0 I31f 3", "Thorax 1.0 Bl57 3"]),
            Examination(
                description: "CT Head w/o contrast", bodyPart: "HEAD",
                series: ["Topogram 0.6 T20f", "Head 5.0 J40s 4", "Head 1.0 H60s", "Head cor 3.0"]),
            Examination(
                description: "CT Chest PE protocol", bodyPart: "CHEST",
                series: ["Topogram 0.6 T20f", "PE 1.0 Bv40 3", "PE MIP ax 8.0", "Lung 1.0 Bl57 3"]),
            Examination(
                description: "CT Cervical spine", bodyPart: "CSPINE",
                series: ["Topogram 0.6 T20f", "CSpine 1.5 Br60 3", "CSpine sag 2.0", "CSpine cor 2.0"]),
        ], rows: 512...512, columns: 512...512, bitsAllocated: 16, compression: 1_000...1_000)

    static let computedRadiography = Device(
        modality: "CR", sopClass: UID(literal: "1.2.840.10008.5.1.4.1.1.1"), manufacturer: "FUJIFILM Corporation",
        model: "5000", station: "CRREADER", department: "Radiology", imageType: "DERIVED\\PRIMARY",
        examinations: [
            Examination(description: "Chest PA and lateral", bodyPart: "CHEST", series: ["CHEST PA", "CHEST LAT"]),
            Examination(description: "Hand 2 views", bodyPart: "HAND", series: ["HAND PA", "HAND OBL"]),
            Examination(description: "Knee 2 views", bodyPart: "KNEE", series: ["KNEE AP", "KNEE LAT"]),
            Examination(description: "Lumbar spine", bodyPart: "LSPINE", series: ["L-SPINE AP", "L-SPINE LAT"]),
            Examination(description: "Pelvis and hip", bodyPart: "PELVIS", series: ["PELVIS AP", "HIP AXIAL"]),
        ], rows: 1_670...2_510, columns: 1_670...2_010, bitsAllocated: 16, compression: 1_000...1_000)

    static let magneticResonance = Device(
        modality: "MR", sopClass: UID(literal: "1.2.840.10008.5.1.4.1.1.4"), manufacturer: "Philips Medical Systems",
        model: "Ingenia", station: "MR", department: "Neuroradiology", imageType: "ORIGINAL\\PRIMARY\\M_SE\\M\\SE",
        examinations: [
            Examination(
                description: "MR Brain w/wo contrast", bodyPart: "BRAIN",
                series: ["Survey", "T1W_SE ax", "T2W_TSE ax", "FLAIR_long TR", "DWI b1000", "T1W_3D_TFE post"]),
            Examination(
                description: "MR Lumbar spine", bodyPart: "LSPINE",
                series: ["Survey", "T2W_TSE sag", "T1W_TSE sag", "STIR sag", "T2W_TSE ax"]),
            Examination(
                description: "MR Knee", bodyPart: "KNEE",
                series: ["Survey", "PDW_SPAIR sag", "PDW_SPAIR cor", "PDW_SPAIR ax", "T1W_TSE cor"]),
        ], rows: 256...512, columns: 256...512, bitsAllocated: 16, compression: 1_000...1_000)

    static let ultrasound = Device(
        modality: "US", sopClass: UID(literal: "1.2.840.10008.5.1.4.1.1.6.1"), manufacturer: "GE Healthcare",
        model: "LOGIQE9", station: "US", department: "Ultrasound", imageType: "ORIGINAL\\PRIMARY\\ABDOMINAL\\0001",
        examinations: [
            Examination(description: "US Abdomen complete", bodyPart: "ABDOMEN", series: ["Abdomen"]),
            Examination(description: "US Thyroid", bodyPart: "THYROID", series: ["Thyroid"]),
            Examination(description: "US Venous duplex leg", bodyPart: "LEG", series: ["Venous"]),
        ], rows: 720...873, columns: 960...1_164, bitsAllocated: 8, compression: 150...900)

    static let mammography = Device(
        modality: "MG", sopClass: UID(literal: "1.2.840.10008.5.1.4.1.1.1.2"), manufacturer: "HOLOGIC, Inc.",
        model: "Selenia Dimensions", station: "MAMMO", department: "Breast Center", imageType: "DERIVED\\PRIMARY",
        examinations: [
            Examination(
                description: "Screening mammogram", bodyPart: "BREAST", series: ["R CC", "L CC", "R MLO", "L MLO"])
        ], rows: 3_328...4_096, columns: 2_560...3_328, bitsAllocated: 16, compression: 350...700)

    static let angiography = Device(
        modality: "XA", sopClass: UID(literal: "1.2.840.10008.5.1.4.1.1.12.1"), manufacturer: "SIEMENS",
        model: "AXIOM-Artis", station: "ANGIO", department: "Cardiology", imageType: "ORIGINAL\\PRIMARY\\SINGLE PLANE",
        examinations: [
            Examination(
                description: "Coronary angiography", bodyPart: "HEART",
                series: ["Card 15 fps", "LCA", "RCA", "LV"])
        ], rows: 512...1_024, columns: 512...1_024, bitsAllocated: 8, compression: 8_000...15_000)
}
