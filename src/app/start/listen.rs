//! What is done to the section by hand: its buttons, its keys, and painting.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent, PointerEvent};

use super::super::dom::{by_id, met, on};
use super::controls::Role;
use super::mask::Point;
use super::opening::open;
use super::section::Section;
use crate::error::Result;

/// The button of a pen's eraser, among a pointer's buttons.
const PENS_ERASER: u16 = 32;

/// A tool's button, unless there is nothing that it could do.
const WORKING_TOOL: &str = "[data-tool]:not([aria-disabled=true])";

/// Listens for as long as the page lives.
pub fn listen(section: &Rc<RefCell<Section>>) -> Result<()> {
    listen_to_files(section)?;
    listen_to_fields(section)?;
    listen_to_pointers(section)?;
    listen_to_keys(section)
}

fn listen_to_files(section: &Rc<RefCell<Section>>) -> Result<()> {
    for (role, button, file) in
        [(Role::Picture, "start-choose", "start-file"), (Role::Mask, "mask-open", "mask-file")]
    {
        let (button, file): (HtmlElement, HtmlInputElement) = (by_id(button)?, by_id(file)?);
        let picker = file.clone();
        on(&button, "click", move |_| picker.click());
        let (me, picker) = (Rc::clone(section), file.clone());
        on(&file, "change", move |_| {
            let chosen = picker.files().and_then(|files| files.get(0));
            // The same file can be chosen again.
            picker.set_value("");
            if let Some(file) = chosen {
                open(&me, role, file);
            }
        });
    }
    let (remove, choose): (HtmlElement, HtmlElement) =
        (by_id("start-remove")?, by_id("start-choose")?);
    let me = Rc::clone(section);
    on(&remove, "click", move |_| {
        me.borrow_mut().remove();
        let _ = choose.focus(); // The one that was pressed is gone.
    });
    Ok(())
}

fn listen_to_fields(section: &Rc<RefCell<Section>>) -> Result<()> {
    let work: HtmlElement = by_id("start-work")?;
    let me = Rc::clone(section);
    on(&work, "input", move |event| {
        let Some(field) = met(event, "input, select") else { return };
        let mut section = me.borrow_mut();
        match field.id().as_str() {
            "strength" => section.controls().strength_edited(false),
            "strength-range" => section.controls().strength_edited(true),
            "mask-only" => section.controls().padding_edited(),
            "brush-size" => section.diameter_edited(),
            "start-fit" => {
                let placed = section.place();
                section.tell(placed);
            }
            _ => {}
        }
    });
    let me = Rc::clone(section);
    on(&work, "click", move |event| {
        if let Some(scope) = named(met(event, "[data-scope]"), "data-scope") {
            me.borrow_mut().use_mask(scope == "part");
        } else if let Some(tool) = named(met(event, WORKING_TOOL), "data-tool") {
            act(&me, &tool);
        }
    });
    Ok(())
}

fn listen_to_pointers(section: &Rc<RefCell<Section>>) -> Result<()> {
    let canvas: HtmlElement = by_id("start-mask")?;
    // The pointer that paints, for a second finger does not; and whether its own eraser does so.
    let painting = Rc::new(Cell::new(None));

    let (me, held, focused) = (Rc::clone(section), Rc::clone(&painting), canvas.clone());
    on(&canvas, "pointerdown", move |event| {
        let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
        let with_eraser = event.buttons() & PENS_ERASER != 0;
        if held.get().is_some() || (event.button() != 0 && !with_eraser) {
            return;
        }
        event.prevent_default(); // Else the page's text would be selected.
        let _ = focused.focus();
        let mut section = me.borrow_mut();
        let turned = with_eraser && !section.erases();
        if turned {
            let done = section.act("eraser");
            section.tell(done);
        }
        held.set(Some((event.pointer_id(), turned)));
        let point = section.easel().point(event);
        let done = section.begin_stroke(point, Some(event.pointer_id()));
        section.tell(done);
    });
    let (me, held) = (Rc::clone(section), Rc::clone(&painting));
    on(&canvas, "pointermove", move |event| {
        let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
        if held.get().is_none_or(|(pointer, _)| pointer == event.pointer_id()) {
            let mut section = me.borrow_mut();
            let points = points(&section, event);
            let done = section.move_brush(points);
            section.tell(done);
        }
    });
    for name in ["pointerup", "pointercancel", "lostpointercapture"] {
        let (me, held) = (Rc::clone(section), Rc::clone(&painting));
        on(&canvas, name, move |event| {
            let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
            let Some((pointer, turned)) = held.get() else { return };
            if pointer == event.pointer_id() {
                held.set(None);
                let mut section = me.borrow_mut();
                let done = section.end_stroke();
                section.tell(done);
                if turned {
                    let done = section.act("brush");
                    section.tell(done);
                }
            }
        });
    }
    Ok(())
}

/// Everything that a pointer passed since the last event; a browser tells of it once a frame.
fn points(section: &Section, event: &PointerEvent) -> Vec<Point> {
    // Some browsers do not know this call.
    let tells = Reflect::has(event, &"getCoalescedEvents".into()).unwrap_or(false);
    let all = if tells { event.get_coalesced_events().to_vec() } else { Vec::new() };
    let easel = section.easel();
    let mut points: Vec<Point> =
        all.iter().filter_map(|one| Some(easel.point(one.dyn_ref()?))).collect();
    if points.is_empty() {
        points.push(easel.point(event));
    }
    points
}

fn listen_to_keys(section: &Rc<RefCell<Section>>) -> Result<()> {
    let easel: HtmlElement = by_id("start-easel")?;
    let me = Rc::clone(section);
    on(&easel, "keydown", move |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
        if key.ctrl_key() || key.meta_key() || key.alt_key() {
            return;
        }
        let far = if key.shift_key() { 5.0 } else { 1.0 };
        let mut section = me.borrow_mut();
        let done = match key.key().as_str() {
            "ArrowLeft" => section.step((-far, 0.0)),
            "ArrowRight" => section.step((far, 0.0)),
            "ArrowUp" => section.step((0.0, -far)),
            "ArrowDown" => section.step((0.0, far)),
            " " if key.repeat() => Ok(()),
            " " => {
                let cursor = section.cursor();
                section.begin_stroke(cursor, None)
            }
            _ => return,
        };
        event.prevent_default(); // Else the page would scroll.
        section.tell(done);
    });
    for name in ["keyup", "focusout"] {
        let me = Rc::clone(section);
        on(&easel, name, move |event| {
            let key = event.dyn_ref::<KeyboardEvent>();
            // The focus may be lost while the section itself is at work.
            if key.is_none_or(|key| key.key() == " ")
                && let Ok(mut section) = me.try_borrow_mut()
            {
                let done = section.end_stroke();
                section.tell(done);
            }
        });
    }

    let work: HtmlElement = by_id("start-work")?;
    let me = Rc::clone(section);
    on(&work, "keydown", move |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
        // In fields with text the keys are the field's own.
        if met(event, "#start-easel, #start-tools").is_none()
            || met(event, "[type=number]").is_some()
        {
            return;
        }
        if let Some(tool) = tool_of(key) {
            event.prevent_default();
            act(&me, tool);
        }
    });
    Ok(())
}

fn tool_of(key: &KeyboardEvent) -> Option<&'static str> {
    let name = key.key().to_lowercase();
    if key.ctrl_key() || key.meta_key() {
        return match (name.as_str(), key.shift_key()) {
            ("z", false) => Some("undo"),
            ("z", true) | ("y", false) => Some("redo"),
            // On some keyboards the brackets want AltGr, which some systems tell as Ctrl and Alt.
            ("[", _) if key.alt_key() => Some("smaller"),
            ("]", _) if key.alt_key() => Some("larger"),
            _ => None,
        };
    }
    match name.as_str() {
        "e" if !key.repeat() => Some("other"),
        "[" => Some("smaller"),
        "]" => Some("larger"),
        _ => None,
    }
}

fn act(section: &RefCell<Section>, tool: &str) {
    let mut section = section.borrow_mut();
    let done = section.act(tool);
    section.tell(done);
}

fn named(element: Option<Element>, attribute: &str) -> Option<String> {
    element?.get_attribute(attribute)
}
