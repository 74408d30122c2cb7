//! Pixels to a PNG file (ISO/IEC 15948), as small as charts need and no smaller.
//!
//! Each row is stored as its difference from the row above, so that a chart is nearly all zeros, and runs of
//! zeros are all that the compression (RFC 1951, fixed codes) looks for.

/// Bytes a pixel: red, green, blue.
pub(super) const CHANNELS: usize = 3;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The PNG file of an image of `size` (width, height) with rows from the top.
pub(super) fn encode(pixels: &[u8], size: (u32, u32)) -> Vec<u8> {
    let mut header = Vec::new();
    header.extend(size.0.to_be_bytes());
    header.extend(size.1.to_be_bytes());
    // Eight bits a channel, true colour, and the only compression, filter family and order without interlace.
    header.extend([8, 2, 0, 0, 0]);
    let data = zlib(&differences(pixels, size.0 as usize * CHANNELS));
    let mut file = SIGNATURE.to_vec();
    for (kind, content) in [(b"IHDR", header), (b"IDAT", data), (b"IEND", Vec::new())] {
        file.extend((content.len() as u32).to_be_bytes());
        let start = file.len();
        file.extend(kind);
        file.extend(content);
        let checksum = crc32(&file[start..]);
        file.extend(checksum.to_be_bytes());
    }
    file
}

/// Each row after the number of its filter: 2, "up".
fn differences(pixels: &[u8], row_length: usize) -> Vec<u8> {
    let mut above = vec![0; row_length];
    let mut out = Vec::with_capacity(pixels.len() + pixels.len() / row_length.max(1));
    for row in pixels.chunks_exact(row_length.max(1)) {
        out.push(2);
        out.extend(
            row.iter()
                .zip(&above)
                .map(|(now, up)| now.wrapping_sub(*up)),
        );
        above.copy_from_slice(row);
    }
    out
}

/// One block with fixed codes, in which only repetitions of the previous byte are found.
fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut bits = Bits::default();
    // The two bytes of the format, then: last block, fixed codes.
    bits.out.extend([0x78, 0x01]);
    bits.push(0b011, 3);
    let mut at = 0;
    while at < bytes.len() {
        let value = bytes[at];
        let same = bytes[at..]
            .iter()
            .take(LONGEST)
            .take_while(|&&next| next == value);
        let run = same.count();
        if at > 0 && bytes[at - 1] == value && run >= SHORTEST {
            bits.repeat(run);
            at += run;
        } else {
            bits.symbol(u16::from(value));
            at += 1;
        }
    }
    bits.symbol(END_OF_BLOCK);
    let mut out = bits.finish();
    out.extend(adler32(bytes).to_be_bytes());
    out
}

const END_OF_BLOCK: u16 = 256;
/// The shortest and the longest repetition that has a code.
const SHORTEST: usize = 3;
const LONGEST: usize = 258;

/// Bits in the order of RFC 1951, section 3.1.1.
#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    pending: u32,
    count: u32,
}

impl Bits {
    fn push(&mut self, bits: u32, count: u32) {
        self.pending |= bits << self.count;
        self.count += count;
        while self.count >= 8 {
            self.out.push(self.pending as u8);
            self.pending >>= 8;
            self.count -= 8;
        }
    }

    /// A fixed code (section 3.2.6); codes go highest bit first.
    fn symbol(&mut self, symbol: u16) {
        let symbol = u32::from(symbol);
        let (code, length) = match symbol {
            0..=143 => (0x30 + symbol, 8),
            144..=255 => (0x190 + symbol - 144, 9),
            256..=279 => (symbol - 256, 7),
            _ => (0xc0 + symbol - 280, 8),
        };
        self.push(code.reverse_bits() >> (32 - length), length);
    }

    /// The previous byte `length` times again: the length's code and extra bits (section 3.2.5), then distance 1.
    ///
    /// From 11 on, four codes share each power of two; the longest length has a code of its own.
    fn repeat(&mut self, length: usize) {
        let beyond = (length - SHORTEST) as u32;
        if length == LONGEST {
            self.symbol(285);
        } else {
            let extra = beyond.max(4).ilog2() - 2;
            self.symbol((257 + 4 * extra + (beyond >> extra)) as u16);
            self.push(beyond & ((1 << extra) - 1), extra);
        }
        self.push(0, 5);
    }

    fn finish(mut self) -> Vec<u8> {
        self.push(0, 7);
        self.out
    }
}

/// The checksum of PNG's chunks (annex D of the standard), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}

/// The checksum of RFC 1950.
fn adler32(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1u32, 0u32), |(low, high), &byte| {
        let low = (low + u32::from(byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Read;

    #[test]
    fn checksums_agree_with_their_standards() {
        assert_eq!(crc32(b"IEND"), 0xae42_6082);
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn a_white_page_is_tiny() {
        let page = vec![255; 1_000 * 800 * CHANNELS];
        let file = encode(&page, (1_000, 800));
        assert!(file.len() < 20_000, "{} bytes", file.len());
        assert_eq!(file[16..24], [0, 0, 3, 232, 0, 0, 3, 32]);
    }

    proptest! {
        #[test]
        fn an_independent_reader_gets_the_bytes_back(
            runs in prop::collection::vec((any::<u8>(), 1usize..600), 0..40),
        ) {
            let bytes: Vec<u8> = runs.iter().flat_map(|&(byte, n)| vec![byte; n]).collect();
            let mut read = Vec::new();
            flate2::read::ZlibDecoder::new(&zlib(&bytes)[..]).read_to_end(&mut read).unwrap();
            prop_assert_eq!(read, bytes);
        }
    }
}
