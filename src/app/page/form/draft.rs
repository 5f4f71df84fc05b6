//! Draft of the form in `sessionStorage`.
//!
//! A reload, for instance for a new release of the page, keeps the typed values.

use js_sys::Reflect;
use web_sys::{HtmlElement, Storage};

use crate::app::dom::{by_id, window};
use crate::params::{FIELDS, NUM_IMAGES, Section};

/// Returns the ids of the saved fields: all but those of the init image, which is not saved.
pub fn ids() -> impl Iterator<Item = &'static str> {
    let rows = FIELDS.iter().filter(|field| field.section != Section::InitImage);
    rows.map(|field| field.id).chain([NUM_IMAGES.id])
}

/// The values that the user has set, saved until the tab is closed.
pub struct Draft {
    /// `None` if the browser blocks storage.
    storage: Option<Storage>,
    /// Path of the page. The query does not count: it follows the choice of model and device.
    page: String,
}

impl Draft {
    /// Returns the draft of this page.
    pub fn new() -> Self {
        let storage = window().ok().and_then(|window| window.session_storage().ok()?);
        let page = window().ok().and_then(|window| window.location().pathname().ok());
        Draft { storage, page: page.unwrap_or_default() }
    }

    /// Saves the value of field `id`.
    pub fn save(&self, id: &str) {
        if let (Some(storage), Some(value)) = (&self.storage, value(id)) {
            // If storage is full, a reload loses the value.
            let _ = storage.set_item(&self.key(id), &value);
        }
    }

    /// Removes the saved value of field `id`.
    pub fn remove(&self, id: &str) {
        if let Some(storage) = &self.storage {
            let _ = storage.remove_item(&self.key(id));
        }
    }

    /// Restores the value of field `id`. Returns false if none is saved.
    pub fn restore_field(&self, id: &str) -> bool {
        let saved =
            self.storage.as_ref().and_then(|storage| storage.get_item(&self.key(id)).ok()?);
        let (Some(saved), Ok(field)) = (saved, by_id::<HtmlElement>(id)) else { return false };
        Reflect::set(&field, &"value".into(), &saved.into()).is_ok()
    }

    fn key(&self, id: &str) -> String {
        format!("hearth-draft {} {id}", self.page)
    }
}

/// Returns the value of field `id`; `None` if the field is not saved.
fn value(id: &str) -> Option<String> {
    let field = ids().any(|saved| saved == id).then(|| by_id::<HtmlElement>(id).ok())??;
    Reflect::get(&field, &"value".into()).ok()?.as_string()
}
