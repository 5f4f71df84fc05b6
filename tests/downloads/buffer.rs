//! Bytes outside WebAssembly's memory: copies share them, as JavaScript's arrays do.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use hearth::weights::bytes::Bytes;

thread_local! {
    static LONGEST_COPY: Cell<usize> = const { Cell::new(0) };
}

/// A part of a shared array.
#[derive(Clone)]
pub struct Buffer {
    array: Rc<RefCell<Vec<u8>>>,
    range: Range<usize>,
}

impl Buffer {
    pub fn new(bytes: &[u8]) -> Self {
        Buffer { array: Rc::new(RefCell::new(bytes.to_vec())), range: 0..bytes.len() }
    }

    pub fn contents(&self) -> Vec<u8> {
        self.array.borrow()[self.range.clone()].to_vec()
    }

    /// The most bytes that were copied into the program's memory at once, since the last call.
    pub fn take_longest_copy() -> usize {
        LONGEST_COPY.take()
    }
}

impl Bytes for Buffer {
    fn zeroed(len: usize) -> Self {
        Buffer::new(&vec![0; len])
    }

    fn len(&self) -> usize {
        self.range.len()
    }

    fn slice(&self, range: Range<usize>) -> Self {
        assert!(range.start <= range.end && range.end <= self.len(), "{range:?}");
        let start = self.range.start;
        Buffer { array: Rc::clone(&self.array), range: start + range.start..start + range.end }
    }

    fn write(&mut self, offset: usize, bytes: &Self) {
        let start = self.range.start + offset;
        assert!(offset + bytes.len() <= self.len());
        let bytes = bytes.contents();
        self.array.borrow_mut()[start..start + bytes.len()].copy_from_slice(&bytes);
    }

    fn copy_to(&self, target: &mut [u8]) {
        LONGEST_COPY.set(LONGEST_COPY.get().max(target.len()));
        target.copy_from_slice(&self.contents());
    }
}
