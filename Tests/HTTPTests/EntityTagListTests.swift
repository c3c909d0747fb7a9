import HTTP
import Testing

@Suite("Lists of entity tags")
struct EntityTagListTests {
    private let tag = #"W/"0a,b""#

    @Test(arguments: [
        #"W/"0a,b""#, #""0a,b""#, "*", " * ", #""x", W/"0a,b""#, #"W/"y",W/"0a,b" , "z""#,
        #" ,, "0a,b",,"#,
    ])
    func match(header: String) { #expect(EntityTagList(header).matches(tag)) }

    @Test(arguments: [
        "", ",", #""x""#, #"W/"0A,b""#, "0a,b", #""0a,b"#, #"w/"0a,b""#, #""x" "0a,b""#,
        #""0a,b", broken"#, #"*, "x""#, #"W/ "0a,b""#, #""0a" , "b""#,
    ])
    func doNotMatch(header: String) { #expect(!EntityTagList(header).matches(tag)) }
}
