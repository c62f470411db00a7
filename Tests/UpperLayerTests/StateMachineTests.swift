// The state machine against Table 9-10 of PS3.8, all 13 x 19 cells.

import DICOM
import Testing

import UpperLayer

@Suite("association state machine, PS3.8 §9.2") struct StateMachineTests {
    /// Rows are events 1–19, columns states 1–13; `-` is an empty cell.
    static let table: [[String]] = """
        AE-1 - - - - - - - - - - - -
        - - - AE-2 - - - - - - - - -
        - AA-1 AA-8 - AE-3 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-6
        - AA-1 AA-8 - AE-4 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-6
        AE-5 - - - - - - - - - - - -
        - AE-6 AA-8 - AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-7
        - - AE-7 - - - - - - - - - -
        - - AE-8 - - - - - - - - - -
        - - - - - DT-1 - AR-7 - - - - -
        - AA-1 AA-8 - AA-8 DT-2 AR-6 AA-8 AA-8 AA-8 AA-8 AA-8 AA-6
        - - - - - AR-1 - - - - - - -
        - AA-1 AA-8 - AA-8 AR-2 AR-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-6
        - AA-1 AA-8 - AA-8 AA-8 AR-3 AA-8 AA-8 AR-10 AR-3 AA-8 AA-6
        - - - - - - - AR-4 AR-9 - - AR-4 -
        - - AA-1 AA-2 AA-1 AA-1 AA-1 AA-1 AA-1 AA-1 AA-1 AA-1 -
        - AA-2 AA-3 - AA-3 AA-3 AA-3 AA-3 AA-3 AA-3 AA-3 AA-3 AA-2
        - AA-5 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AR-5
        - AA-2 - - - - - - - - - - AA-2
        - AA-1 AA-8 - AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-7
        """.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }

    static let request = Samples.request
    static let accept = Samples.accept
    static let reject = AssociateReject.calledAETitleNotRecognised

    static let events: [AssociationEvent] = [
        .associateRequested(request), .transportConnected, .acceptArrived(accept), .rejectArrived(reject),
        .transportIndicated, .requestArrived(request), .acceptDecided(accept), .rejectDecided(reject), .dataRequested,
        .dataArrived, .releaseRequested, .releaseRequestArrived, .releaseResponseArrived, .releaseAnswered,
        .abortRequested, .abortArrived(.user), .transportClosed, .timerExpired, .invalidPDUArrived(.unrecognisedPDU),
    ]

    /// The shortest way to each state.
    static func machine(in number: Int) -> AssociationStateMachine {
        let accepting: [AssociationEvent] = [.transportIndicated, .requestArrived(request), .acceptDecided(accept)]
        let requesting: [AssociationEvent] = [.associateRequested(request), .transportConnected]
        let established = requesting + [.acceptArrived(accept)]
        let way: [AssociationEvent] =
            switch number {
            case 1: []
            case 2: [.transportIndicated]
            case 3: [.transportIndicated, .requestArrived(request)]
            case 4: [.associateRequested(request)]
            case 5: requesting
            case 6: established
            case 7: established + [.releaseRequested]
            case 8: established + [.releaseRequestArrived]
            case 9: established + [.releaseRequested, .releaseRequestArrived]
            case 10: accepting + [.releaseRequested, .releaseRequestArrived]
            case 11: established + [.releaseRequested, .releaseRequestArrived, .releaseAnswered]
            case 12: accepting + [.releaseRequested, .releaseRequestArrived, .releaseResponseArrived]
            default: established + [.abortRequested]
            }
        var machine = AssociationStateMachine()
        for event in way { _ = machine.handle(event) }
        return machine
    }

    /// Next state and actions of each action of the standard, Tables 9-6 to 9-9.
    static func outcome(_ action: String, from state: Int, _ event: AssociationEvent) -> (Int, [AssociationAction]) {
        let abort: Abort = event.number == 19 ? .unrecognisedPDU : .unexpectedPDU
        return switch action {
        case "AE-1": (4, [.connect])
        case "AE-2": (5, [.send(.associateRequest(request))])
        case "AE-3": (6, [.confirmAccept(accept)])
        case "AE-4": (1, [.confirmReject(reject), .closeTransport])
        case "AE-5": (2, [.startTimer])
        case "AE-6": (3, [.stopTimer, .decide(request)])
        case "AE-7": (6, [.send(.associateAccept(accept))])
        case "AE-8": (13, [.send(.associateReject(reject)), .startTimer])
        case "DT-1": (6, [.sendData])
        case "DT-2": (6, [.indicateData])
        case "AR-1": (7, [.send(.releaseRequest)])
        case "AR-2": (8, [.indicateRelease])
        case "AR-3": (1, [.confirmRelease, .closeTransport])
        case "AR-4": (13, [.send(.releaseResponse), .startTimer])
        case "AR-5": (1, [.stopTimer])
        case "AR-6": (7, [.indicateData])
        case "AR-7": (8, [.sendData])
        case "AR-8": (9, [.indicateRelease])
        case "AR-9": (11, [.send(.releaseResponse)])
        case "AR-10": (12, [.confirmRelease])
        case "AA-1": (13, [.send(.abort(.user)), .startTimer])
        case "AA-2": (1, [.stopTimer, .closeTransport])
        case "AA-3": (1, [.indicateAbort(.user), .closeTransport])
        case "AA-4": (1, [.indicateProviderAbort(nil)])
        case "AA-5": (1, [.stopTimer])
        case "AA-6": (13, [])
        case "AA-7": (13, [.send(.abort(abort))])
        case "AA-8": (13, [.send(.abort(abort)), .indicateProviderAbort(abort), .startTimer])
        default: (state, [])
        }
    }

    @Test(arguments: 1...19) func `every state answers the event as the table says`(event number: Int) {
        let event = Self.events[number - 1]
        #expect(event.number == number)
        for column in 1...13 {
            var machine = Self.machine(in: column)
            #expect(machine.state.number == column)
            let cell = Self.table[number - 1][column - 1]
            let (state, actions) = Self.outcome(cell, from: column, event)
            #expect(machine.handle(event) == actions, "event \(number), state \(column): \(cell)")
            #expect(machine.state.number == state, "event \(number), state \(column): \(cell)")
        }
    }

    @Test func `the acceptor's side of a release collision waits for the response first`() {
        var machine = AssociationStateMachine()
        for event in [
            AssociationEvent.transportIndicated, .requestArrived(Self.request), .acceptDecided(Self.accept),
            .releaseRequested,
        ] { _ = machine.handle(event) }
        #expect(machine.handle(.releaseRequestArrived) == [.indicateRelease])
        #expect(machine.state == .collisionAcceptorAwaitingResponse)
    }

    @Test func `a protocol version without bit 0 is rejected and the timer runs`() {
        var request = Self.request
        request.protocolVersion = 2
        var machine = Self.machine(in: 2)
        #expect(
            machine.handle(.requestArrived(request)) == [
                .stopTimer, .send(.associateReject(.protocolVersionNotSupported)), .startTimer,
            ])
        #expect(machine.state == .awaitingClose)
    }

    @Test func `every PDU is the event of its kind`() {
        #expect(AssociationEvent(arrived: .associateRequest(Self.request)).number == 6)
        #expect(AssociationEvent(arrived: .associateAccept(Self.accept)).number == 3)
        #expect(AssociationEvent(arrived: .associateReject(Self.reject)).number == 4)
        #expect(AssociationEvent(arrived: .dataTransfer(DataTransfer([]))).number == 10)
        #expect(AssociationEvent(arrived: .releaseRequest).number == 12)
        #expect(AssociationEvent(arrived: .releaseResponse).number == 13)
        #expect(AssociationEvent(arrived: .abort(.user)).number == 16)
    }
}
