/// A request's method as metrics tell methods apart: those that nobody needs to know share one label.
enum MethodLabel: Int, CaseIterable, Sendable {
    case get, head, post, put, patch, delete, options, other

    static let count = 8

    init(_ method: UnsafeRawBufferPointer) {
        self =
            switch method.count {
            case 3 where method.elementsEqual("GET".utf8): .get
            case 3 where method.elementsEqual("PUT".utf8): .put
            case 4 where method.elementsEqual("POST".utf8): .post
            case 4 where method.elementsEqual("HEAD".utf8): .head
            case 5 where method.elementsEqual("PATCH".utf8): .patch
            case 6 where method.elementsEqual("DELETE".utf8): .delete
            case 7 where method.elementsEqual("OPTIONS".utf8): .options
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
