internal import Glibc
internal import Server

// The executable: flags, configuration, signals and exit code are in the target Server.
exit(runCommandLine(Array(CommandLine.arguments.dropFirst())))
