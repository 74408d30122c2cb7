//! Pixels to a PNG file.

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError};

/// Bytes a pixel: red, green, blue.
pub(super) const CHANNELS: usize = 3;

/// The PNG file of an image of `size` (width, height) with rows from the top.
pub(super) fn encode(pixels: &[u8], size: (u32, u32)) -> Result<Vec<u8>, EncodingError> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, size.0, size.1);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_survive() {
        let (width, height) = (7, 5);
        let pixels: Vec<u8> = (0..width * height * CHANNELS).map(|at| at as u8).collect();
        let file = encode(&pixels, (width as u32, height as u32)).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file))
            .read_info()
            .unwrap();
        let mut back = vec![0; pixels.len()];
        reader.next_frame(&mut back).unwrap();
        assert_eq!(back, pixels);
    }
}
