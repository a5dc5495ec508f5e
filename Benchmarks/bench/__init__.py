"""The benchmarks of `make bench`, `bench-check`, `bench-scaling` and `compare`; see Benchmarks/README.md."""
