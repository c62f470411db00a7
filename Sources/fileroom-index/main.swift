// fileroom-index: makes, shows and checks the index of a storage area.

import Daemon
import Platform

let name = "fileroom-index"
Program.holdStandardStreams()
// A file past the limit of its size becomes an error.
Signal.ignore(.fileTooLarge)
// What many threads allocate and one frees stays with the process, the more of it the more heaps there are.
Program.limitMemoryArenas(to: 4)
let arguments = Program.arguments
Program.exit(IndexProgram.run(arguments))
