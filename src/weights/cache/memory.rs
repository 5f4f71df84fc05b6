//! Values of the store that are kept in memory.

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::keys::{KeyRange, Table};

/// A table and a key in it.
type TableKey = (Table, Vec<String>);

/// Tables in memory. Chunks do not move into WebAssembly's memory: only their handles are here.
#[derive(Default)]
pub struct Memory {
    values: RefCell<BTreeMap<TableKey, Rc<dyn Any>>>,
}

impl Memory {
    /// Reads a value; `None` if there is none of this type.
    pub fn get<V: Clone + 'static>(&self, table: Table, key: &[&str]) -> Option<V> {
        self.values.borrow().get(&owned(table, key))?.downcast_ref().cloned()
    }

    /// Writes a value.
    pub fn put<V: 'static>(&self, table: Table, key: &[&str], value: V) {
        self.values.borrow_mut().insert(owned(table, key), Rc::new(value));
    }

    /// Deletes a value.
    pub fn remove(&self, table: Table, key: &[&str]) {
        self.values.borrow_mut().remove(&owned(table, key));
    }

    /// Lists the keys of a table in `range`.
    pub fn keys(&self, table: Table, range: &KeyRange) -> Vec<Vec<String>> {
        let values = self.values.borrow();
        let keys = values.keys().filter(|(of, key)| *of == table && range.contains(key));
        keys.map(|(_, key)| key.clone()).collect()
    }

    /// Deletes the values of a table in `range`.
    pub fn delete(&self, table: Table, range: &KeyRange) {
        self.values.borrow_mut().retain(|(of, key), _| *of != table || !range.contains(key));
    }
}

fn owned(table: Table, key: &[&str]) -> TableKey {
    (table, key.iter().map(|part| part.to_string()).collect())
}
