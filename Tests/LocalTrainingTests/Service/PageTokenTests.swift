import LocalTraining
import Testing

@Suite struct PageTokenTests {
    @Test(arguments: [0, 1, 255, 4_294_967_296, Int64.max])
    func comesBack(_ sequence: Int64) {
        let text = PageToken(lastSequence: sequence).text(jobID: "job")
        #expect(text.utf8.count == 24)
        #expect(PageToken(text, jobID: "job")?.lastSequence == sequence)
    }

    @Test(
        arguments: [
            "", "0", "nonsense", "000000000000000000000000", "zzzzzzzzzzzzzzzzzzzzzzzz", "-00000000000000100000000",
            "ffffffffffffffff00000000", "éééééééééééé",
        ]
    )
    func refuses(_ text: String) {
        #expect(PageToken(text, jobID: "job") == nil)
    }

    @Test func belongsToOneJobAndOnePlace() {
        let text = PageToken(lastSequence: 17).text(jobID: "job")
        #expect(PageToken(text, jobID: "other") == nil)
        #expect(PageToken(text.uppercased(), jobID: "job") == nil || text.uppercased() == text)
        for index in text.indices {
            var forged = text
            forged.replaceSubrange(index...index, with: text[index] == "7" ? "8" : "7")
            #expect(PageToken(forged, jobID: "job") == nil)
        }
    }
}
