/// Names that are given out once each.
struct NameSet {
    private var taken: Set<String>
    /// The number that was tried last for a name, so that many of one name take no longer than as many of their own.
    private var numbers: [String: Int] = [:]

    init(reserved: Set<String> = []) { taken = reserved }

    /// `name`, or that with a separator and the first number from 2 that makes it new.
    mutating func take(_ name: String, separator: String = "_") -> String {
        if taken.insert(name).inserted { return name }
        var number = numbers[name] ?? 1
        var candidate: String
        repeat {
            number += 1
            candidate = "\(name)\(separator)\(number)"
        } while !taken.insert(candidate).inserted
        numbers[name] = number
        return candidate
    }
}
