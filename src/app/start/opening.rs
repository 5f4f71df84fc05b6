//! Files that are opened: a picture to start from, or a mask for it.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::super::surface::{Ground, Surface};
use super::super::words;
use super::controls::Role;
use super::section::Section;
use super::source;
use crate::error::Result;

/// Reads a file and takes in what it shows; if it shows nothing of use, says so and changes nothing.
pub fn open(section: &Rc<RefCell<Section>>, role: Role, file: File) {
    let ticket = {
        let mut section = section.borrow_mut();
        section.controls().open();
        section.ask(role)
    };
    let ground = match role {
        Role::Picture => Ground::White,
        Role::Mask => Ground::Black,
    };
    let section = Rc::clone(section);
    spawn_local(async move {
        let decoded = source::decode(&file, ground).await;
        let mut section = section.borrow_mut();
        if section.is_stale(role, ticket) {
            return;
        }
        let taken = decoded.and_then(|shown| take(&mut section, role, shown, &file.name()));
        section.controls().tell(role, taken);
    });
}

/// `shown`: by the file of this name, if it is a picture.
fn take(section: &mut Section, role: Role, shown: Option<Surface>, name: &str) -> Result<()> {
    let name = name.to_string();
    match (role, shown) {
        (Role::Picture, Some(picture)) => {
            section.take(picture)?;
            section.controls().say(&words::start_taken());
        }
        (Role::Mask, Some(picture)) => {
            if !section.take_mask(&picture)? {
                section.controls().complain(role, move || words::mask_is_black(&name));
            }
        }
        (_, None) => section.controls().complain(role, move || words::start_unreadable(&name)),
    }
    Ok(())
}
