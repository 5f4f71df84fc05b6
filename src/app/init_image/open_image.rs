//! Opening of a picture file as the init image or as its mask.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::super::words;
use super::controls::Role;
use super::panel::Panel;
use super::source;
use crate::error::Result;
use crate::image::RgbImage;

/// Reads a file and takes in what it shows; if it shows nothing of use, says so and changes nothing.
pub fn open(panel: &Rc<RefCell<Panel>>, role: Role, file: File) {
    let ticket = {
        let mut panel = panel.borrow_mut();
        panel.controls().open();
        panel.ask(role)
    };
    let panel = Rc::clone(panel);
    spawn_local(async move {
        let read = source::read(&file).await;
        let mut panel = panel.borrow_mut();
        if panel.is_stale(role, ticket) {
            return;
        }
        let taken = read.and_then(|image| take(&mut panel, role, image, &file.name()));
        panel.controls().tell(role, taken);
    });
}

/// Takes in the picture that the file of this name shows.
fn take(panel: &mut Panel, role: Role, image: Option<RgbImage>, name: &str) -> Result<()> {
    let name = name.to_string();
    match (role, image) {
        (Role::Picture, Some(image)) => {
            panel.take(image)?;
            panel.controls().say(&words::start_taken());
        }
        (Role::Mask, Some(image)) => {
            if !panel.take_mask(&image)? {
                panel.controls().complain(role, move || words::mask_is_black(&name));
            }
        }
        (_, None) => panel.controls().complain(role, move || words::start_unreadable(&name)),
    }
    Ok(())
}
