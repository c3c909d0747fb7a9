internal import Base

/// Parts of URLs. What begins with a slash is an address without a host, as pages are recorded.
enum AddressFunctions {
    static let definitions = [
        part("protocol", [], "The scheme, without the colon.", "https") { $0.scheme },
        part("domain", ["host"], "The host, without its port.", "www.shop.example") { $0.host },
        part("domainWithoutWWW", [], "The host without www.", "shop.example") { address in
            address.host.starts(with: Array("www.".utf8)) ? address.host.dropFirst(4) : address.host
        },
        part("path", [], "The path, without what follows a ? or #.", "/cart") { $0.path },
        part("pathFull", [], "The path and all that follows.", "/cart?ref=mail&n=2#top") {
            $0.text[$0.path.startIndex...]
        },
        part("queryString", ["query"], "What is between ? and #.", "ref=mail&n=2") { $0.query },
        part("fragment", [], "What follows the #.", "top") { $0.fragment },
        part(
            "cutQueryString", [], "The address without the ? and what follows up to a #.",
            "https://www.shop.example:8080/cart#top"
        ) { address in
            address.text[..<address.path.endIndex] + address.text[address.query.endIndex...]
        },
        part(
            "cutFragment", [], "The address without the # and what follows.",
            "https://www.shop.example:8080/cart?ref=mail&n=2"
        ) { $0.text[..<$0.query.endIndex] },
        FunctionDefinition(
            "port", [], .addresses, "The port; 0 if none is given.",
            example: "port('https://shop.example:8080/cart')", "8080",
            overloads: [
                Overload(
                    [.string], .integer,
                    kernel: .map { (text: TextSlice) -> Int64 in
                        Int64(String(decoding: Address(text).port, as: UTF8.self)) ?? 0
                    })
            ]),
        FunctionDefinition(
            "extractURLParameter", ["url_parameter"], .addresses,
            "The value of a parameter of the query, as it stands there; empty if there is none.",
            example: "extractURLParameter('/cart?ref=mail&n=2', 'ref')", "mail",
            overloads: [
                Overload(
                    [.string, .string], .string,
                    kernel: .map { (text: TextSlice, name: TextSlice) -> TextSlice in
                        parameter(name, Address(text).query)
                    })
            ]),
        FunctionDefinition(
            "decodeURLComponent", ["url_decode"], .addresses,
            "The text with each %XX replaced by the byte it stands for; unchanged if the result "
                + "is not UTF-8.",
            example: "decodeURLComponent('a%20b')", "a b",
            overloads: [
                Overload([.string], .string, kernel: .map { (text: TextSlice) in decoded(text) })
            ]),
    ]

    private static func part(
        _ name: String, _ aliases: [String], _ summary: String, _ result: String,
        _ read: @escaping @Sendable (Address) -> TextSlice
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases, .addresses, summary,
            example: "\(name)('https://www.shop.example:8080/cart?ref=mail&n=2#top')", result,
            overloads: [
                Overload(
                    [.string], .string, kernel: .map { (text: TextSlice) in read(Address(text)) })
            ])
    }

    private static func parameter(_ name: TextSlice, _ query: TextSlice) -> TextSlice {
        for piece in query.split(separator: UInt8(ascii: "&")) {
            guard piece.starts(with: name) else { continue }
            let rest = piece.dropFirst(name.count)
            if rest.first == UInt8(ascii: "=") { return rest.dropFirst() }
        }
        return []
    }

    private static func decoded(_ text: TextSlice) -> TextSlice {
        var bytes: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == UInt8(ascii: "%"), index + 2 < text.endIndex,
                let high = digit(text[index + 1]), let low = digit(text[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(text[index])
                index += 1
            }
        }
        return String(validating: bytes, as: UTF8.self) == nil ? text : bytes[...]
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}

/// The parts of an address, as slices of its text: an absent one is empty and lies where it would
/// stand.
private struct Address {
    let text: TextSlice
    private(set) var scheme: TextSlice = []
    private(set) var host: TextSlice = []
    private(set) var port: TextSlice = []
    private(set) var path: TextSlice
    private(set) var query: TextSlice
    private(set) var fragment: TextSlice

    init(_ text: TextSlice) {
        self.text = text
        var rest = text
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")),
            rest[colon...].starts(with: Array("://".utf8)),
            rest[..<colon].allSatisfy(Self.isSchemeByte), colon > rest.startIndex
        {
            scheme = rest[..<colon]
            rest = rest[(colon + 3)...]
            (host, port, rest) = Self.authority(rest)
        } else if rest.starts(with: Array("//".utf8)) {
            (host, port, rest) = Self.authority(rest.dropFirst(2))
        } else if rest.first != UInt8(ascii: "/"),
            rest.prefix(while: { !Self.isDelimiter($0) }).contains(UInt8(ascii: "."))
        {
            (host, port, rest) = Self.authority(rest)
        }
        let pathEnd =
            rest.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
            ?? rest.endIndex
        path = rest[..<pathEnd]
        rest = rest[pathEnd...]
        let fragmentStart = rest.firstIndex(of: UInt8(ascii: "#")) ?? rest.endIndex
        query = rest[..<fragmentStart].dropFirst()
        fragment = rest[fragmentStart...].dropFirst()
    }

    private static func authority(
        _ text: TextSlice
    ) -> (host: TextSlice, port: TextSlice, rest: TextSlice) {
        let end = text.firstIndex(where: isDelimiter) ?? text.endIndex
        var host = text[..<end]
        if let at = host.lastIndex(of: UInt8(ascii: "@")) { host = host[(at + 1)...] }
        let afterBracket = host.lastIndex(of: UInt8(ascii: "]")) ?? host.startIndex
        var port: TextSlice = []
        if let colon = host[afterBracket...].lastIndex(of: UInt8(ascii: ":")) {
            port = host[(colon + 1)...]
            host = host[..<colon]
        }
        return (host, port, text[end...])
    }

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    private static func isSchemeByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }
}
