//! Size limit of the history.

/// Maximum number of images.
const MAX_IMAGES: usize = 200;

/// Maximum total bytes.
const MAX_BYTES: f64 = 200e6;

/// Returns the keys of images to remove, given keys and bytes, newest first. The image `made`,
/// which was just generated, always stays, even if the clock was set back.
pub fn keys_to_evict(pictures: &[(String, f64)], made: &str) -> Vec<String> {
    let of_made: f64 = pictures.iter().filter(|(key, _)| key == made).map(|(_, bytes)| bytes).sum();
    let others: Vec<_> = pictures.iter().filter(|(key, _)| key != made).collect();
    let mut sum = of_made;
    let stays = |(index, (_, bytes)): (usize, &&(String, f64))| {
        sum += bytes;
        index + 1 < MAX_IMAGES && sum <= MAX_BYTES
    };
    let count = others.iter().enumerate().map(stays).take_while(|stays| *stays).count();
    others[count..].iter().map(|(key, _)| key.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::keys_to_evict;

    fn pictures(bytes: &[f64]) -> Vec<(String, f64)> {
        bytes.iter().enumerate().map(|(index, bytes)| (index.to_string(), *bytes)).collect()
    }

    #[test]
    fn oldest_images_are_evicted() {
        let keys_to_evict = |bytes: &[f64], made| keys_to_evict(&pictures(bytes), made);
        assert!(keys_to_evict(&[1e6; 200], "0").is_empty());
        assert_eq!(keys_to_evict(&[1e6; 202], "0"), ["200", "201"]);
        assert_eq!(keys_to_evict(&[90e6, 90e6, 30e6, 1.0], "0"), ["2", "3"]);
        assert_eq!(keys_to_evict(&[300e6, 1.0], "0"), ["1"]);
        assert!(keys_to_evict(&[], "0").is_empty());
    }

    #[test]
    fn new_image_with_old_key_is_kept() {
        assert_eq!(keys_to_evict(&pictures(&[90e6, 90e6, 30e6]), "2"), ["1"]);
    }
}
