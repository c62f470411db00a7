// fileroom-stored: takes C-STORE, writes instances to the configured storage areas and makes them known to their indexes.

import Daemon

DaemonProgram.run(
    .storage,
    summary: """
        Stores what DICOM clients send by C-STORE to the storage areas of the configuration that have the access right W, and
        adds it to their indexes: what is acknowledged is on stable storage and in the next C-FIND of fileroom-qrd.
        """,
    examples: """
          fileroom-stored -c fileroom.cfg           store what is sent to StorageTCPPort
          fileroom-stored -c fileroom.cfg -v 11115  on another port
          storescu -aec READWRITE localhost 11114 *.dcm
                                                    send files to it, with DCMTK's storescu
        """)
