// How long a peer is waited for.

extension Link {
    /// How long `advance` waits, and for what.
    struct Waiting {
        let stage: AssociationFault.Stage
        /// Until the first byte of the next PDU.
        let seconds: Double
        /// When the wait ends whatever arrives; nil where the pace alone bounds a message.
        var end: End?
        var isWakeable = false
        /// The wait is between messages, when a peer may be silent long and no buffer is kept.
        var isIdle = false
    }

    /// When the whole of something must have come, in however many PDUs.
    struct End {
        let stage: AssociationFault.Stage
        let seconds: Double
        /// On the transport's clock.
        let atSeconds: Double

        init(of stage: AssociationFault.Stage, in seconds: Double, from nowSeconds: Double) {
            self.stage = stage
            self.seconds = seconds
            atSeconds = nowSeconds + seconds
        }
    }
}
