internal import CMicroHTTPD
internal import Glibc

/// The header block of a request as it lies in libmicrohttpd's memory, one line behind the other.
///
/// libmicrohttpd 0.9.75 puts a NUL in place of the space or colon behind each part of a line, and of each byte that ends
/// the line. So where each part must begin tells what it does not: a line that ends in LF alone, one that goes on in the
/// next (obs-fold), and a NUL, which cuts a C string short. Hidden stays what is two
/// bytes long as well: NUL LF in the place of CR LF, and the line `:` LF, which libmicrohttpd takes for the empty one. So
/// does a line before the request line that begins with a NUL, which is passed over.
///
/// Later versions move the parts about, but can be told to be strict themselves (see shim.h); of them only the parts are
/// looked at.
struct HeaderBlock {
    private(set) var check: RequestCheck
    private let start: UnsafeRawPointer
    private let size: Int
    /// Where the next line must begin.
    private var next: UnsafeRawPointer

    /// Looks at the request line; `url` is the target up to its question mark, `target` a copy of all of it.
    init(
        method: UnsafePointer<CChar>,
        url: UnsafePointer<CChar>,
        target: UnsafeRawBufferPointer,
        version: UnsafePointer<CChar>,
        size: Int
    ) {
        let methodBytes = UnsafeRawBufferPointer(start: method, count: strlen(method))
        let versionBytes = UnsafeRawBufferPointer(start: version, count: strlen(version))
        check = RequestCheck(method: methodBytes, target: target, version: versionBytes)
        start = UnsafeRawPointer(method)
        self.size = size
        next = UnsafeRawPointer(version) + versionBytes.count
        let methodEnd = start + methodBytes.count
        let targetEnd = UnsafeRawPointer(url) + target.count
        guard HeaderBlock.seesLines else { return }
        if UnsafeRawPointer(url) != methodEnd + 1 || UnsafeRawPointer(version) != targetEnd + 1 {
            check.note(.requestLine)
        }
        endLine()
    }

    private static var seesLines: Bool { gateway_mhd_keeps_lines != 0 }

    /// Looks at the next field, its value as libmicrohttpd has it, with the white space behind it.
    mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        guard HeaderBlock.seesLines else { return check.add(name: name, value: value) }
        guard let nameStart = name.baseAddress, let valueStart = value.baseAddress, nameStart == next else {
            return check.note(.lines)
        }
        check.add(name: name, value: value)
        next = valueStart + value.count
        endLine()
    }

    /// Steps over the end of a line, CR LF.
    ///
    /// Each line has at least one byte of that, and behind the last one is the empty line's: two can always be looked at.
    private mutating func endLine() {
        if next.load(as: UInt8.self) != 0 || next.load(fromByteOffset: 1, as: UInt8.self) != 0 { check.note(.lines) }
        next += 2
    }

    /// All fields were looked at.
    ///
    /// - Returns: the rule that is broken, if any.
    mutating func finish() -> RequestFault? {
        // The empty line's CR LF ends the block.
        if HeaderBlock.seesLines, next + 2 != start + size { check.note(.lines) }
        return check.finish()
    }
}

extension HeaderBlock {
    /// Looks at all fields of the request on `connection`.
    mutating func addFields(of connection: OpaquePointer) {
        withUnsafeMutablePointer(to: &self) { block in
            // Rule (d): the block is lent for the length of this call.
            _ = MHD_get_connection_values_n(connection, .HEADER_KIND, HeaderBlock.collector, block)
        }
    }

    private static let collector: MHD_KeyValueIteratorN = { context, _, name, nameSize, value, valueSize in
        guard let block = context?.assumingMemoryBound(to: HeaderBlock.self) else { return .NO }
        let name = UnsafeRawBufferPointer(start: name, count: name == nil ? 0 : nameSize)
        let value = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueSize)
        block.pointee.add(name: name, value: value)
        return .YES
    }
}
