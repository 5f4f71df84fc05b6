//! Undo and redo of changes to the mask.

use std::collections::VecDeque;

use crate::image::{Mask, Region};

/// Maximum bytes of recorded changes; the oldest are dropped, the last one is always kept.
const MAX_BYTES: usize = 4 << 20;

/// A change: the pixels of an area that it inverts. Applying it twice restores the mask.
#[derive(Debug, Clone)]
struct Change {
    area: Region,
    /// One bit for each pixel of the area, row by row.
    flipped: Vec<u64>,
}

impl Change {
    /// Returns the difference of two masks inside `area`; `None` if they are equal.
    fn between(before: &Mask, after: &Mask, area: Region) -> Option<Self> {
        let mut flipped = vec![0u64; (area.width * area.height).div_ceil(64)];
        let rows = (area.y..area.y + area.height).flat_map(|y| {
            before
                .row(y, area)
                .iter()
                .zip(after.row(y, area))
                .map(|(before, after)| before != after)
        });
        for (index, _) in rows.enumerate().filter(|(_, differs)| *differs) {
            flipped[index / 64] |= 1 << (index % 64);
        }
        flipped.iter().any(|bits| *bits != 0).then_some(Change { area, flipped })
    }

    fn apply(&self, mask: &mut Mask) -> Region {
        mask.invert_where(self.area, |pixel| self.flipped[pixel / 64] >> (pixel % 64) & 1 == 1);
        self.area
    }

    fn bytes(&self) -> usize {
        self.flipped.len() * size_of::<u64>()
    }
}

/// The recorded changes of one mask.
#[derive(Debug, Clone, Default)]
pub struct UndoStack {
    past: VecDeque<Change>,
    future: Vec<Change>,
}

impl UndoStack {
    /// Records a change. Returns false if the masks are equal.
    pub fn record(&mut self, before: &Mask, after: &Mask, area: Region) -> bool {
        let Some(change) = Change::between(before, after, area) else { return false };
        self.future.clear();
        self.past.push_back(change);
        while self.past.len() > 1 && self.past.iter().map(Change::bytes).sum::<usize>() > MAX_BYTES
        {
            self.past.pop_front();
        }
        true
    }

    /// Undoes the last change; `None` if there is none.
    pub fn undo(&mut self, mask: &mut Mask) -> Option<Region> {
        let change = self.past.pop_back()?;
        let area = change.apply(mask);
        self.future.push(change);
        Some(area)
    }

    /// Redoes the last undone change; `None` if there is none.
    pub fn redo(&mut self, mask: &mut Mask) -> Option<Region> {
        let change = self.future.pop()?;
        let area = change.apply(mask);
        self.past.push_back(change);
        Some(area)
    }

    /// Returns whether there are changes to undo and to redo.
    pub fn can_undo_redo(&self) -> (bool, bool) {
        (!self.past.is_empty(), !self.future.is_empty())
    }

    /// Removes all changes.
    pub fn clear(&mut self) {
        *self = UndoStack::default();
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, Mask, UndoStack};

    /// Returns a mask after each of three changes, with their undo stack.
    fn three_changes() -> (Vec<Mask>, UndoStack) {
        let mut history = UndoStack::default();
        let mut states = vec![Mask::black(70, 9)];
        for place in [(3.0, 3.0), (60.0, 5.0), (30.0, 4.0)] {
            let before = states[states.len() - 1].clone();
            let mut after = before.clone();
            let area = after.draw_line(place, (place.0 + 4.0, place.1), 2.0, true);
            assert!(history.record(&before, &after, area));
            states.push(after);
        }
        (states, history)
    }

    #[test]
    fn undo_and_redo_restore_every_state() {
        let (states, mut history) = three_changes();
        let mut mask = states[3].clone();
        for state in states[..3].iter().rev() {
            assert!(history.undo(&mut mask).is_some());
            assert!(mask == *state);
        }
        assert!(history.undo(&mut mask).is_none());
        assert_eq!(history.can_undo_redo(), (false, true));
        for state in &states[1..] {
            assert!(history.redo(&mut mask).is_some());
            assert!(mask == *state);
        }
        assert!(history.redo(&mut mask).is_none());
    }

    #[test]
    fn change_after_undo_clears_redo() {
        let (states, mut history) = three_changes();
        let mut mask = states[3].clone();
        history.undo(&mut mask);
        let before = mask.clone();
        mask.invert();
        assert!(history.record(&before, &mask, mask.whole()));
        assert_eq!(history.can_undo_redo(), (true, false));
        history.undo(&mut mask);
        assert!(mask == states[2]);
    }

    #[test]
    fn equal_masks_are_not_recorded() {
        let mut history = UndoStack::default();
        let mask = Mask::black(8, 8);
        assert!(!history.record(&mask, &mask.clone(), mask.whole()));
        assert_eq!(history.can_undo_redo(), (false, false));
    }

    #[test]
    fn undo_memory_is_bounded() {
        let mut history = UndoStack::default();
        let mut mask = Mask::black(2048, 2048); // half a megabyte for a change of all of it
        for _ in 0..20 {
            let before = mask.clone();
            mask.invert();
            history.record(&before, &mask, mask.whole());
        }
        let mut undone = 0;
        while history.undo(&mut mask).is_some() {
            undone += 1;
        }
        assert_eq!(undone, MAX_BYTES / (2048 * 2048 / 8));
    }
}
