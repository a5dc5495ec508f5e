import ArgumentParser
import Settings

/// The settings that an option group declares, from its properties, as the argument parser itself finds them.
///
/// An option must have its property's name: `maxBodyBytes` is `--max-body-bytes`.
struct OptionReflection {
    /// In the order of their declaration; their defaults are the values of the group.
    private(set) var settings: [Setting] = []

    /// Looks at a group that has been parsed.
    init(_ group: some ParsableArguments) { add(group) }

    private mutating func add(_ group: Any) {
        // Where a property has a wrapper, Swift stores that, under the property's name behind an underscore.
        for case (let label?, let property) in Mirror(reflecting: group).children where label.hasPrefix("_") {
            if let group = property as? any GroupProperty {
                add(group.group)
            } else if let option = property as? any OptionProperty {
                let name = Self.name(label.dropFirst())
                settings.append(Setting(name: name, kind: option.kind, defaultValues: Self.texts(option.value)))
            }
        }
    }

    private static func name(_ property: Substring) -> String {
        property.reduce(into: "") { name, letter in
            name += letter.isUppercase ? "-\(letter.lowercased())" : "\(letter)"
        }
    }

    /// As the option could be given; nil for none.
    private static func texts(_ value: Any) -> [String]? {
        switch value {
        case let value as [String]: value
        case let value as Double: [Int(exactly: value).map(String.init) ?? "\(value)"]
        case let value as any ExpressibleByArgument: [value.defaultValueDescription]
        default: nil
        }
    }
}

private protocol GroupProperty {
    var group: Any { get }
}

extension OptionGroup: GroupProperty {
    var group: Any { wrappedValue }
}

private protocol OptionProperty {
    var kind: Setting.Kind { get }
    var value: Any { get }
}

extension Flag: OptionProperty {
    var kind: Setting.Kind { .toggle }
    var value: Any { wrappedValue }
}

extension Option: OptionProperty {
    var kind: Setting.Kind {
        switch Value.self {
        case is Int.Type, is Int?.Type: .wholeNumber
        case is Double.Type, is Double?.Type: .number
        case is [String].Type: .list
        default: .text
        }
    }

    var value: Any { wrappedValue }
}
