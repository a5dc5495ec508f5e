import Testing

@testable import OpenAPI

struct ComponentNamesTests {
    /// Short names, full ones where two collide or one is the document's own, a suffix where both forms are there.
    @Test
    func namesOfTheLibrary() throws {
        let schemas = try #require(try Documents.library().root["components"]?["schemas"]?.object)
        let own = ["GetBookRequest", "CreateBookRequest", "CreateBookResponse", "Node", "View"]
        #expect(Set(own).isSubset(of: schemas.keys))
        #expect(schemas["Book"] == nil)
        #expect(schemas["library.v1beta1.Book"] != nil)
        #expect(schemas["library.v1beta1.BookInput"] != nil)
        #expect(schemas["library.v1beta1.Shelf.Book"] != nil)
        #expect(schemas["library.v1beta1.Error"] != nil)
        #expect(schemas["Error"]?["required"] == ["error"])
        #expect(schemas["GetBookRequestInput"] == nil)
        #expect(schemas["Rich"] != nil)
        #expect(schemas["RichInput"] != nil)
        #expect(schemas["NullValue"] == nil)
    }

    @Test(arguments: [
        ("pkg.Name", "Name"), ("Name", "Name"), ("pkg.Nämé", "N_m_"), ("", "_"), ("pkg. ", "_"),
    ])
    func shortNames(fullName: String, short: String) {
        #expect(ComponentNames.short(fullName) == short)
    }

    @Test
    func namesThatAreTakenGetNumbers() {
        var names = NameSet(reserved: ["a"])
        #expect(names.take("a") == "a_2")
        #expect(names.take("a") == "a_3")
        #expect(names.take("a_4") == "a_4")
        #expect(names.take("a") == "a_5")
        #expect(names.take("b", separator: "") == "b")
        #expect(names.take("b", separator: "") == "b2")
    }
}
