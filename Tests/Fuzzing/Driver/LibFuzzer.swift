#if FUZZING
    import FuzzTargets

    // `main` is libFuzzer's own, which SwiftPM links with `--sanitize=fuzzer`; it calls the function below.

    /// libFuzzer runs one thread.
    nonisolated(unsafe) private let target: (any FuzzTarget)? = {
        do {
            return try ChosenTarget.make()
        } catch {
            fatalError("\(error)")
        }
    }()

    /// Runs the chosen target once; called by libFuzzer, by this name.
    @c(LLVMFuzzerTestOneInput)
    public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        guard let target else { fatalError("FUZZ_TARGET is not one of \(ChosenTarget.names)") }
        do throws(BrokenInvariant) {
            try target.run(UnsafeRawBufferPointer(start: bytes, count: count))
        } catch {
            fatalError(error.description)
        }
        return 0
    }
#endif
