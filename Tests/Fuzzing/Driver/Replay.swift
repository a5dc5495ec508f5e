#if !FUZZING
    import FuzzTargets
    import Glibc

    /// Runs one target over files, so that a finding can be looked at without the fuzzer.
    @main
    enum Replay {
        static func main() throws {
            guard let target = try ChosenTarget.make() else {
                print("usage: FUZZ_TARGET=\(ChosenTarget.names) fuzz-targets FILE...")
                exit(64)
            }
            for path in CommandLine.arguments.dropFirst() {
                guard let bytes = FileContent.read(path) else {
                    print("cannot read \(path)")
                    exit(1)
                }
                print(path)
                try bytes.withUnsafeBytes { try target.run($0) }
            }
        }
    }
#endif
