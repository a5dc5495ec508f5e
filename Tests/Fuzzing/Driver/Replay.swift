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
                guard let bytes = read(path) else {
                    print("cannot read \(path)")
                    exit(1)
                }
                print(path)
                try bytes.withUnsafeBytes { try target.run($0) }
            }
        }

        private static func read(_ path: String) -> [UInt8]? {
            guard let file = fopen(path, "r") else { return nil }
            defer { fclose(file) }
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = fread(&chunk, 1, chunk.count, file)
                if count == 0 { return bytes }
                bytes += chunk[..<count]
            }
        }
    }
#endif
