/// Hands out each name once.
struct NameAllocator {
    private var taken: Set<String>
    /// The numbers that were last behind names.
    private var numbers: [String: Int] = [:]

    init(reserved: Set<String> = []) {
        taken = reserved
    }

    /// The first of `candidates` that is free, or the last one with a number behind it.
    mutating func name(_ candidates: String...) -> String {
        for candidate in candidates where taken.insert(candidate).inserted { return candidate }
        let base = candidates.last ?? "_"
        var number = (numbers[base] ?? 1) + 1
        while !taken.insert("\(base)\(number)").inserted { number += 1 }
        numbers[base] = number
        return "\(base)\(number)"
    }
}
