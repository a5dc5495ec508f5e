import Testing

@testable import Gateway

@Suite
struct VaryFieldsTests {
    @Test(
        arguments: [
            ([], ""), (.accept, "Accept"), ([.accept, .acceptEncoding], "Accept, Accept-Encoding"), (.origin, "Origin"),
            ([.accept, .acceptEncoding, .origin], "Accept, Accept-Encoding, Origin"),
            (.preflight, "Access-Control-Request-Method, Access-Control-Request-Headers"),
            ([.origin, .preflight], "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
        ] as [(VaryFields, String)]
    )
    func namesTheFields(fields: VaryFields, value: String) {
        #expect(VaryTexts()[fields] == value)
    }
}
