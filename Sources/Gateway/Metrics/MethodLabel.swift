/// A request's method as metrics tell methods apart: those that nobody needs to know share one label.
enum MethodLabel: Int, CaseIterable, Sendable {
    case get, head, post, put, patch, delete, options, other

    static let count = 8

    init(_ method: UnsafeRawBufferPointer) {
        guard method.count <= 8 else {
            self = .other
            return
        }
        // Its bytes in one number, the last one lowest.
        var word: UInt64 = 0
        for byte in method { word = word &<< 8 | UInt64(byte) }
        self =
            switch word {
            case 0x47_4554: .get
            case 0x50_5554: .put
            case 0x4845_4144: .head
            case 0x504F_5354: .post
            case 0x50_4154_4348: .patch
            case 0x4445_4C45_5445: .delete
            case 0x4F_5054_494F_4E53: .options
            default: .other
            }
    }

    var text: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .other: "other"
        }
    }
}
