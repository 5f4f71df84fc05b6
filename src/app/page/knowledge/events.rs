//! Event listeners of what the bundled model knows.

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::{Element, HtmlElement};

use super::super::clicked;
use super::super::controller::Controller;
use super::{index_of, list_of};
use crate::app::dom::{by_id, on};
use crate::error::Result;

/// Adds the listeners.
pub fn listen(controller: &Rc<RefCell<Controller>>, notes: &HtmlElement) -> Result<()> {
    let me = Rc::downgrade(controller);
    controller.borrow().parts.knowledge.listen(move |purpose, knowledge| {
        if let Some(controller) = me.upgrade() {
            controller.borrow_mut().knowledge_read(purpose, knowledge);
        }
    });
    clicked(controller, &by_id("prompt-dice")?, "button", |controller, _| controller.roll_prompt());
    clicked(controller, &by_id("show-knowledge")?, "button", |controller, _| {
        controller.open_knowledge()
    });
    clicked(controller, &by_id("close-knowledge")?, "button", |controller, _| {
        controller.close_knowledge()
    });
    clicked(controller, &by_id("knowledge-groups")?, "[data-index]", |controller, button| {
        let group = button.closest("[data-list]").ok().flatten();
        let list = group.and_then(|group| group.get_attribute("data-list")).unwrap_or_default();
        match list_of(&list) {
            Some(list) => controller.put_phrase(list, index_of(button)),
            None => controller.put_thing(index_of(button)),
        }
    });
    clicked(controller, notes, "[data-action=replace-word]", |controller, button| {
        controller.replace_word(&attribute(button, "data-old"), &attribute(button, "data-new"));
    });
    let search: HtmlElement = by_id("knowledge-search")?;
    let me = Rc::clone(controller);
    on(&search, "input", move |_| me.borrow_mut().search_knowledge());
    Ok(())
}

fn attribute(element: &Element, name: &str) -> String {
    element.get_attribute(name).unwrap_or_default()
}
