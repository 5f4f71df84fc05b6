//! The user's token of the Hub, kept in this browser alone.

use web_sys::HtmlInputElement;

use crate::app::dom::local_storage;
use crate::app::protocol::HubToken;

/// `localStorage` key.
const STORAGE_KEY: &str = "hearth-hub-token";

/// Returns the saved token; empty if there is none.
pub fn stored() -> HubToken {
    let token = local_storage().and_then(|storage| storage.get_item(STORAGE_KEY).ok().flatten());
    HubToken::new(token.unwrap_or_default())
}

/// Saves the token in `field` and clears the field, so that the token is not shown or restored.
/// Returns false, and keeps the field, if the text cannot be a token or the browser keeps nothing.
pub fn save(field: &HtmlInputElement) -> bool {
    let token = field.value().trim().to_string();
    // A header takes no other characters.
    let is_token = !token.is_empty() && token.chars().all(|c| c.is_ascii_graphic());
    let is_saved = is_token
        && local_storage().is_some_and(|storage| storage.set_item(STORAGE_KEY, &token).is_ok());
    if is_saved {
        field.set_value("");
    }
    is_saved
}

/// Removes the saved token.
pub fn remove() {
    if let Some(storage) = local_storage() {
        let _ = storage.remove_item(STORAGE_KEY);
    }
}
