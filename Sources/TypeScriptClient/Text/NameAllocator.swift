/// Hands out each name once.
struct NameAllocator {
    private var taken: Set<String>

    init(reserved: Set<String> = []) {
        taken = reserved
    }

    func isFree(_ name: String) -> Bool { !taken.contains(name) }

    /// The first of `candidates` that is free, or the last one with a number behind it.
    mutating func name(_ candidates: String...) -> String {
        for candidate in candidates where taken.insert(candidate).inserted { return candidate }
        let base = candidates.last ?? "_"
        var number = 2
        while !taken.insert("\(base)\(number)").inserted { number += 1 }
        return "\(base)\(number)"
    }
}
