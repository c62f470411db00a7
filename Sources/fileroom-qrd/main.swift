// fileroom-qrd: answers C-ECHO, C-FIND, C-GET and C-MOVE from the indexes of the configured storage areas.

import Daemon

DaemonProgram.run(
    .queryRetrieve,
    summary: """
        Serves the storage areas of the configuration to DICOM clients: C-ECHO, C-FIND, C-GET and C-MOVE, Patient Root, Study
        Root and Patient/Study Only. Where the configuration has no StorageTCPPort it takes C-STORE as well, for areas with W.
        """,
    examples: """
          fileroom-index import -c fileroom.cfg     index the areas' folders first
          fileroom-qrd -c fileroom.cfg              serve them
          fileroom-qrd -c fileroom.cfg -d 11113     on another port, showing every message
        """)
