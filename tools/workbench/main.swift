// workbench: makes indexes without files, and wears them out. For measuring and testing; it is not installed.

import Platform

Program.holdStandardStreams()
Signal.ignore(.fileTooLarge)
Program.exit(Workbench.run(Program.arguments))
