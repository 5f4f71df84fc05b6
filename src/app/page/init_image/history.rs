//! Undo and redo of changes to the mask.

use std::collections::VecDeque;

use crate::image::{Mask, Region};

/// Bytes that are remembered; the oldest changes make room. The last one is always kept.
const MOST: usize = 4 << 20;

/// A change: which pixels of an area it turned over. Done twice it is undone.
#[derive(Debug)]
struct Change {
    area: Region,
    /// A bit for each pixel of the area, row by row.
    turned: Vec<u64>,
}

impl Change {
    /// What turns one mask into the other, which differ inside the area alone; `None` if nothing does.
    fn between(before: &Mask, after: &Mask, area: Region) -> Option<Self> {
        let mut turned = vec![0u64; (area.width * area.height).div_ceil(64)];
        let rows = (area.y..area.y + area.height).flat_map(|y| {
            before
                .row(y, area)
                .iter()
                .zip(after.row(y, area))
                .map(|(before, after)| before != after)
        });
        for (index, _) in rows.enumerate().filter(|(_, differs)| *differs) {
            turned[index / 64] |= 1 << (index % 64);
        }
        turned.iter().any(|bits| *bits != 0).then_some(Change { area, turned })
    }

    fn apply(&self, mask: &mut Mask) -> Region {
        mask.invert_where(self.area, |pixel| self.turned[pixel / 64] >> (pixel % 64) & 1 == 1);
        self.area
    }

    fn bytes(&self) -> usize {
        self.turned.len() * size_of::<u64>()
    }
}

/// The changes of one mask.
#[derive(Debug, Default)]
pub struct History {
    past: VecDeque<Change>,
    future: Vec<Change>,
}

impl History {
    /// Notes that one mask became the other. False if they are the same.
    pub fn note(&mut self, before: &Mask, after: &Mask, area: Region) -> bool {
        let Some(change) = Change::between(before, after, area) else { return false };
        self.future.clear();
        self.past.push_back(change);
        while self.past.len() > 1 && self.past.iter().map(Change::bytes).sum::<usize>() > MOST {
            self.past.pop_front();
        }
        true
    }

    /// Takes the last change back; `None` if there is none.
    pub fn undo(&mut self, mask: &mut Mask) -> Option<Region> {
        let change = self.past.pop_back()?;
        let area = change.apply(mask);
        self.future.push(change);
        Some(area)
    }

    /// Does again what was taken back last.
    pub fn redo(&mut self, mask: &mut Mask) -> Option<Region> {
        let change = self.future.pop()?;
        let area = change.apply(mask);
        self.past.push_back(change);
        Some(area)
    }

    /// Whether there is something to undo, and something to do again.
    pub fn has(&self) -> (bool, bool) {
        (!self.past.is_empty(), !self.future.is_empty())
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = History::default();
    }
}

#[cfg(test)]
mod tests {
    use super::{History, MOST, Mask};

    /// A mask after each of three changes, with the history of them.
    fn three() -> (Vec<Mask>, History) {
        let mut history = History::default();
        let mut states = vec![Mask::black(70, 9)];
        for place in [(3.0, 3.0), (60.0, 5.0), (30.0, 4.0)] {
            let before = states[states.len() - 1].clone();
            let mut after = before.clone();
            let area = after.draw_line(place, (place.0 + 4.0, place.1), 2.0, true);
            assert!(history.note(&before, &after, area));
            states.push(after);
        }
        (states, history)
    }

    #[test]
    fn every_state_comes_back() {
        let (states, mut history) = three();
        let mut mask = states[3].clone();
        for state in states[..3].iter().rev() {
            assert!(history.undo(&mut mask).is_some());
            assert!(mask == *state);
        }
        assert!(history.undo(&mut mask).is_none());
        assert_eq!(history.has(), (false, true));
        for state in &states[1..] {
            assert!(history.redo(&mut mask).is_some());
            assert!(mask == *state);
        }
        assert!(history.redo(&mut mask).is_none());
    }

    #[test]
    fn a_new_change_ends_what_was_taken_back() {
        let (states, mut history) = three();
        let mut mask = states[3].clone();
        history.undo(&mut mask);
        let before = mask.clone();
        mask.invert();
        assert!(history.note(&before, &mask, mask.whole()));
        assert_eq!(history.has(), (true, false));
        history.undo(&mut mask);
        assert!(mask == states[2]);
    }

    #[test]
    fn what_changes_nothing_is_not_remembered() {
        let mut history = History::default();
        let mask = Mask::black(8, 8);
        assert!(!history.note(&mask, &mask.clone(), mask.whole()));
        assert_eq!(history.has(), (false, false));
    }

    #[test]
    fn memory_is_bounded_and_the_newest_is_kept() {
        let mut history = History::default();
        let mut mask = Mask::black(2048, 2048); // half a megabyte for a change of all of it
        for _ in 0..20 {
            let before = mask.clone();
            mask.invert();
            history.note(&before, &mask, mask.whole());
        }
        let mut undone = 0;
        while history.undo(&mut mask).is_some() {
            undone += 1;
        }
        assert_eq!(undone, MOST / (2048 * 2048 / 8));
    }
}
