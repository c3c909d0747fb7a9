import Base
import Testing

@Suite("JSON writer")
struct JSONWriterTests {
    @Test func placesCommasAndNames() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("a", 1)
        writer.field("b", [String]())
        writer.key("c")
        writer.beginArray()
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.value("x")
        writer.null()
        writer.endArray()
        writer.field("d", nil as String?)
        writer.field("e", true)
        writer.key("f")
        writer.raw([UInt8]("[1,2]".utf8))
        writer.endObject()
        let text = String(decoding: writer.finish(), as: UTF8.self)
        #expect(text == #"{"a":1,"b":[],"c":[{},[],"x",null],"d":null,"e":true,"f":[1,2]}"#)
    }

    @Test(arguments: [
        ("", #""""#), ("plain é 😀", #""plain é 😀""#), ("\"", #""\"""#), ("a\\b", #""a\\b""#),
        ("\n\r\t\u{08}\u{0C}", #""\n\r\t\b\f""#), ("\u{0}\u{1F}\u{10}", #""\u0000\u001f\u0010""#),
        ("end\"", #""end\"""#), ("/\u{7F}", "\"/\u{7F}\""),
    ])
    func escapes(text: String, json: String) {
        var writer = JSONWriter()
        writer.value(text)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == json)
        var other = JSONWriter()
        other.value(utf8: [UInt8](text.utf8)[...])
        #expect(other.bytes == writer.bytes)
    }

    @Test(arguments: [
        (0.0, "0"), (-0.5, "-0.5"), (5, "5"), (0.1, "0.1"), (1e300, "1e+300"), (.nan, "null"),
        (-.infinity, "null"), (9_007_199_254_740_992, "9007199254740992.0"),
        (1.0 / 3, "0.3333333333333333"),
    ])
    func writesNumbers(number: Double, json: String) {
        var writer = JSONWriter()
        writer.value(number)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == json)
    }

    @Test func writesTheExtremesOfIntegers() {
        var writer = JSONWriter()
        writer.beginArray()
        writer.value(Int64.min)
        writer.value(UInt64.max)
        writer.value(Int8(-1))
        writer.value(0)
        writer.endArray()
        let text = String(decoding: writer.finish(), as: UTF8.self)
        #expect(text == "[-9223372036854775808,18446744073709551615,-1,0]")
    }

    @Test func findsTheClosestNames() {
        let names = ["page_views", "clicks", "unique_visitors", "events"]
        #expect(closest(to: "pageviews", in: names) == ["page_views"])
        #expect(closest(to: "CLICK", in: names) == ["clicks"])
        #expect(closest(to: "visitors", in: names) == ["unique_visitors"])
        #expect(closest(to: "zzzz", in: names).isEmpty)
        #expect(editDistance([1, 2, 3], [1, 3, 2]) == 1)
        #expect(editDistance([], [1, 2]) == 2)
        #expect(editDistance([1, 2, 3, 4], [2, 3, 5, 4]) == 2)
    }
}
