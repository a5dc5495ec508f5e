import Testing

@testable import Gateway

@Suite
struct MethodLabelTests {
    @Test(arguments: [
        ("GET", "GET"), ("HEAD", "HEAD"), ("POST", "POST"), ("PUT", "PUT"), ("PATCH", "PATCH"), ("DELETE", "DELETE"),
        ("OPTIONS", "OPTIONS"), ("get", "other"), ("PROPFIND", "other"), ("GOT", "other"), ("", "other"),
        ("X\"}\n", "other"),
    ])
    func methodsThatNobodyNeedsShareALabel(method: String, label: String) {
        #expect(Array(method.utf8).withUnsafeBytes { MethodLabel($0) }.text == label)
    }

    @Test
    func thereAreAsManyAsIsSaid() {
        #expect(MethodLabel.allCases.count == MethodLabel.count)
    }
}
