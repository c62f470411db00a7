// fileroom-index: makes, shows and checks the index of a storage area.

import Daemon
import Platform

let name = "fileroom-index"
Program.holdStandardStreams()
let arguments = Program.arguments
Program.exit(IndexProgram.run(arguments))
