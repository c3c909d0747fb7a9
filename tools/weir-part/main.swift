internal import Glibc

// The offline tool: looks at parts, tables and data directories, and changes nothing.
exit(runTool(Array(CommandLine.arguments.dropFirst())).rawValue)
