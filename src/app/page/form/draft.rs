//! What stands in the form stays in this tab: a reload, be it for a new release of the page, loses
//! nothing that was typed.

use js_sys::Reflect;
use web_sys::{HtmlElement, Storage};

use crate::app::dom::{by_id, window};
use crate::params::{FIELDS, NUM_IMAGES, Section};

/// The ids of the fields that are kept: all but those of the picture to start from, which itself is not.
pub fn ids() -> impl Iterator<Item = &'static str> {
    let rows = FIELDS.iter().filter(|field| field.section != Section::InitImage);
    rows.map(|field| field.id).chain([NUM_IMAGES.id])
}

/// The values that the user has chosen, kept by the browser until the tab is closed.
pub struct Draft {
    /// It may be forbidden.
    storage: Option<Storage>,
    /// Another page, or the same with another model, has its own.
    page: String,
}

impl Draft {
    /// That of the page in this tab.
    pub fn of_this_page() -> Self {
        let storage = window().ok().and_then(|window| window.session_storage().ok()?);
        let page = window().ok().and_then(|window| {
            let location = window.location();
            Some(location.pathname().ok()? + &location.search().ok()?)
        });
        Draft { storage, page: page.unwrap_or_default() }
    }

    /// Keeps what stands in the field `id` now.
    pub fn keep(&self, id: &str) {
        if let (Some(storage), Some(value)) = (&self.storage, value(id)) {
            // What the browser has no room for is lost at a reload, as on any page.
            let _ = storage.set_item(&self.key(id), &value);
        }
    }

    /// Forgets what stood in the field `id`.
    pub fn drop(&self, id: &str) {
        if let Some(storage) = &self.storage {
            let _ = storage.remove_item(&self.key(id));
        }
    }

    /// Puts what was kept back into the field `id`. False if there is nothing.
    pub fn put_back(&self, id: &str) -> bool {
        let kept =
            self.storage.as_ref().and_then(|storage| storage.get_item(&self.key(id)).ok()?);
        let (Some(kept), Ok(field)) = (kept, by_id::<HtmlElement>(id)) else { return false };
        Reflect::set(&field, &"value".into(), &kept.into()).is_ok()
    }

    fn key(&self, id: &str) -> String {
        format!("hearth-draft {} {id}", self.page)
    }
}

/// What stands in the field `id`; `None` if it is not kept.
fn value(id: &str) -> Option<String> {
    let field = ids().any(|kept| kept == id).then(|| by_id::<HtmlElement>(id).ok())??;
    Reflect::get(&field, &"value".into()).ok()?.as_string()
}
