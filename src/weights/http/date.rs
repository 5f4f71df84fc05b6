//! Dates in HTTP headers, RFC 9110, section 5.6.7.

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Returns the milliseconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`, the only format that
/// servers may send; `None` for anything else.
pub fn parse(text: &str) -> Option<f64> {
    let (_weekday, rest) = text.trim().split_once(", ")?;
    let fields: Vec<&str> = rest.strip_suffix(" GMT")?.split([' ', ':']).collect();
    let &[day, month, year, hour, minute, second] = fields.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| *name == month)? as i64 + 1;
    let number = |text: &str, limit: i64| {
        text.parse::<i64>().ok().filter(|number| (0..=limit).contains(number))
    };
    let days = days_since_1970(number(year, 9999)?, month, number(day, 31)?);
    // A leap second has the number 60.
    let seconds = number(hour, 23)? * 3600 + number(minute, 59)? * 60 + number(second, 60)?;
    Some((days * 86_400 + seconds) as f64 * 1_000.0)
}

/// Days of the Gregorian calendar. Counted in years that begin in March, the leap day is the last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // 719,469: days from the first of March of the year 0 to 1970, plus one as `day` counts from 1.
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 719_469
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn dates_are_those_of_gnu_date() {
        for (text, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777.0),
            ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799.0),
            ("Sat, 01 Mar 2100 00:00:00 GMT", 4_107_542_400.0),
            ("Thu, 26 Nov 2026 12:00:00 GMT", 1_795_694_400.0),
        ] {
            assert_eq!(parse(text), Some(seconds * 1_000.0), "{text}");
        }
    }

    #[test]
    fn other_text_is_no_date() {
        for text in [
            "",
            "120",
            "soon",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
