//! Protobuf by hand, to write what no writer would. It shares nothing with the crate.

/// A varint.
pub(crate) fn varint(mut n: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while n > 0x7f {
        out.push(n.to_le_bytes()[0] | 0x80);
        n >>= 7;
    }
    out.push(n.to_le_bytes()[0]);
    out
}

/// A field of wire type 0.
pub(crate) fn integer(number: u64, n: u64) -> Vec<u8> {
    [varint(number << 3), varint(n)].concat()
}

/// A field of wire type 2.
pub(crate) fn bytes(number: u64, content: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(content.len() as u64), content.to_vec()].concat()
}

/// A field of wire type 2 with fields in it.
pub(crate) fn message(number: u64, fields: &[Vec<u8>]) -> Vec<u8> {
    bytes(number, &fields.concat())
}

/// A field of packed varints.
pub(crate) fn packed(number: u64, integers: &[u64]) -> Vec<u8> {
    bytes(number, &integers.iter().flat_map(|n| varint(*n)).collect::<Vec<_>>())
}

/// A tile of one layer with these fields, and before them a name and version 2.
pub(crate) fn layer(fields: &[Vec<u8>]) -> Vec<u8> {
    message(3, &[bytes(1, b"layer"), integer(15, 2), fields.concat()])
}

/// A tile of one layer with one feature with these fields, two keys (`a`, `b`) and two values (7, true).
pub(crate) fn feature(fields: &[Vec<u8>]) -> Vec<u8> {
    layer(&[
        message(2, fields),
        bytes(3, b"a"),
        bytes(3, b"b"),
        message(4, &[integer(4, 7)]),
        message(4, &[integer(7, 1)]),
    ])
}

/// A tile with one feature of this kind and these commands.
pub(crate) fn geometry(kind: u64, commands: &[u64]) -> Vec<u8> {
    feature(&[integer(3, kind), packed(4, commands)])
}
