//! How much is kept.

/// Pictures.
const MOST: usize = 200;

/// Bytes of all of them.
const MOST_BYTES: f64 = 200e6;

/// Which pictures have to go, of these with their bytes, the newest first. `made`, the one that was made
/// just now, always stays, whatever the clock says of it.
pub fn to_go(pictures: &[(String, f64)], made: &str) -> Vec<String> {
    let of_made: f64 = pictures.iter().filter(|(key, _)| key == made).map(|(_, bytes)| bytes).sum();
    let others: Vec<_> = pictures.iter().filter(|(key, _)| key != made).collect();
    let mut sum = of_made;
    let stays = |(index, (_, bytes)): (usize, &&(String, f64))| {
        sum += bytes;
        index + 1 < MOST && sum <= MOST_BYTES
    };
    let count = others.iter().enumerate().map(stays).take_while(|stays| *stays).count();
    others[count..].iter().map(|(key, _)| key.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::to_go;

    fn pictures(bytes: &[f64]) -> Vec<(String, f64)> {
        bytes.iter().enumerate().map(|(index, bytes)| (index.to_string(), *bytes)).collect()
    }

    #[test]
    fn the_oldest_go() {
        let to_go = |bytes: &[f64], made| to_go(&pictures(bytes), made);
        assert!(to_go(&[1e6; 200], "0").is_empty());
        assert_eq!(to_go(&[1e6; 202], "0"), ["200", "201"]);
        assert_eq!(to_go(&[90e6, 90e6, 30e6, 1.0], "0"), ["2", "3"]);
        assert_eq!(to_go(&[300e6, 1.0], "0"), ["1"]);
        assert!(to_go(&[], "0").is_empty());
    }

    #[test]
    fn the_one_just_made_stays_also_when_the_clock_was_set_back() {
        assert_eq!(to_go(&pictures(&[90e6, 90e6, 30e6]), "2"), ["1"]);
    }
}
