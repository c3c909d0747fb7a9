import HTTP
import Testing

@Suite("URLs and addresses")
struct URLCodingTests {
    @Test(arguments: [
        ("plain", "plain"), ("a%20b", "a b"), ("a+b", "a b"), ("%2B", "+"), ("%e2%82%AC", "€"),
        ("", ""),
    ])
    func decodes(text: String, decoded: String) {
        #expect(URLCoding.decode(text.utf8, plusIsSpace: true) == decoded)
    }

    @Test(arguments: ["%", "%2", "%2G", "%G2", "a%", "%FF", "%C3", "%E2%82"])
    func refuses(text: String) {
        #expect(URLCoding.decode(text.utf8, plusIsSpace: true) == nil)
        #expect(URLCoding.parameters("a=\(text)") == nil)
        #expect(URLCoding.parameters("\(text)=a") == nil)
    }

    @Test func keepsPlusInPaths() {
        #expect(URLCoding.decode("a+b".utf8, plusIsSpace: false) == "a+b")
    }

    @Test func splitsQueries() {
        typealias Parameter = URLCoding.Parameter
        #expect(
            URLCoding.parameters("a=1&&b=x=y&a=2&c&=v&d=%26%3d+")
                == [
                    Parameter("a", "1"), Parameter("b", "x=y"), Parameter("a", "2"),
                    Parameter("c", ""), Parameter("", "v"), Parameter("d", "&= "),
                ])
        #expect(URLCoding.parameters("") == [])
    }

    @Test(arguments: [
        ("127.0.0.1:80", "127.0.0.1:80", true), ("localhost:0", "127.0.0.1:0", true),
        ("[::1]:8080", "[::1]:8080", true), ("0.0.0.0:1", "0.0.0.0:1", false),
        ("[::]:65535", "[::]:65535", false), ("10.1.2.3:9", "10.1.2.3:9", false),
    ])
    func readsAddresses(text: String, written: String, isLoopback: Bool) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.description == written)
        #expect(address.isLoopback == isLoopback)
    }

    @Test(arguments: [
        "", "80", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80", "name:80",
    ])
    func refusesOtherAddresses(text: String) { #expect(ListenAddress(text) == nil) }

    @Test func saysThatAPortIsInUse() throws {
        let address = try #require(ListenAddress("127.0.0.1:0"))
        let socket = try ListenSocket(address)
        #expect(throws: HTTPError.portInUse(socket.address.description)) {
            _ = try ListenSocket(socket.address)
        }
        #expect(throws: HTTPError.self) {
            _ = try ListenSocket(#require(ListenAddress("192.0.2.1:1")))
        }
        let version6 = try ListenSocket(#require(ListenAddress("[::1]:0")))
        #expect(version6.address.port > 0)
    }
}
