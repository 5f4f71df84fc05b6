//! How much is kept.

/// Pictures.
const MOST: usize = 200;

/// Bytes of all of them.
const MOST_BYTES: f64 = 200e6;

/// Which pictures have to go, of these with their bytes, the newest first. The newest always stays.
pub fn to_go(pictures: &[(String, f64)]) -> Vec<String> {
    let mut sum = 0.0;
    let stays = |(index, (_, bytes)): (usize, &(String, f64))| {
        sum += bytes;
        index == 0 || (index < MOST && sum <= MOST_BYTES)
    };
    let count = pictures.iter().enumerate().map(stays).take_while(|stays| *stays).count();
    pictures[count..].iter().map(|(key, _)| key.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::to_go;

    fn pictures(bytes: &[f64]) -> Vec<(String, f64)> {
        bytes.iter().enumerate().map(|(index, bytes)| (index.to_string(), *bytes)).collect()
    }

    #[test]
    fn the_oldest_go() {
        assert!(to_go(&pictures(&[1e6; 200])).is_empty());
        assert_eq!(to_go(&pictures(&[1e6; 202])), ["200", "201"]);
        assert_eq!(to_go(&pictures(&[90e6, 90e6, 30e6, 1.0])), ["2", "3"]);
        assert_eq!(to_go(&pictures(&[300e6, 1.0])), ["1"]);
        assert!(to_go(&[]).is_empty());
    }
}
