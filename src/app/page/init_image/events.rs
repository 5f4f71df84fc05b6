//! Event listeners of the panel: files, fields, pointer and keys.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent, PointerEvent};

use super::panel::Panel;
use super::reading::Role;
use crate::app::dom::{by_id, met, on};
use crate::error::Result;
use crate::image::Point;

/// The button of a pen's eraser, among a pointer's buttons.
const PENS_ERASER: u16 = 32;

/// A tool's button, unless there is nothing that it could do.
const WORKING_TOOL: &str = "[data-tool]:not([aria-disabled=true])";

/// Listens for as long as the page lives.
pub fn listen(panel: &Rc<RefCell<Panel>>) -> Result<()> {
    listen_to_files(panel)?;
    listen_to_fields(panel)?;
    listen_to_pointers(panel)?;
    listen_to_keys(panel)
}

fn listen_to_files(panel: &Rc<RefCell<Panel>>) -> Result<()> {
    for (role, button, file) in
        [(Role::Picture, "start-choose", "start-file"), (Role::Mask, "mask-open", "mask-file")]
    {
        let (button, file): (HtmlElement, HtmlInputElement) = (by_id(button)?, by_id(file)?);
        let picker = file.clone();
        on(&button, "click", move |_| picker.click());
        let (me, picker) = (Rc::clone(panel), file.clone());
        on(&file, "change", move |_| {
            let chosen = picker.files().and_then(|files| files.get(0));
            // The same file can be chosen again.
            picker.set_value("");
            if let Some(file) = chosen {
                me.borrow_mut().open(role, file);
            }
        });
    }
    let (remove, choose): (HtmlElement, HtmlElement) =
        (by_id("start-remove")?, by_id("start-choose")?);
    let me = Rc::clone(panel);
    on(&remove, "click", move |_| {
        me.borrow_mut().remove();
        let _ = choose.focus(); // The one that was pressed is gone.
    });
    Ok(())
}

fn listen_to_fields(panel: &Rc<RefCell<Panel>>) -> Result<()> {
    let work: HtmlElement = by_id("start-work")?;
    let me = Rc::clone(panel);
    on(&work, "input", move |event| {
        let Some(field) = met(event, "input, select") else { return };
        let mut panel = me.borrow_mut();
        match field.id().as_str() {
            "strength" => panel.controls().strength_edited(false),
            "strength-range" => panel.controls().strength_edited(true),
            "mask-only" => panel.controls().padding_edited(),
            "brush-size" => panel.diameter_edited(),
            "start-fit" => {
                let placed = panel.place();
                panel.tell(placed);
            }
            _ => {}
        }
    });
    let me = Rc::clone(panel);
    on(&work, "click", move |event| {
        if let Some(scope) = named(met(event, "[data-scope]"), "data-scope") {
            me.borrow_mut().use_mask(scope == "part");
        } else if let Some(tool) = named(met(event, WORKING_TOOL), "data-tool") {
            act(&me, &tool);
        }
    });
    Ok(())
}

fn listen_to_pointers(panel: &Rc<RefCell<Panel>>) -> Result<()> {
    let canvas: HtmlElement = by_id("start-mask")?;
    // The pointer that paints (a second finger does not), and whether it does so with its own eraser.
    let painting = Rc::new(Cell::new(None));

    let (me, held, focused) = (Rc::clone(panel), Rc::clone(&painting), canvas.clone());
    on(&canvas, "pointerdown", move |event| {
        let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
        let with_eraser = event.buttons() & PENS_ERASER != 0;
        if held.get().is_some() || (event.button() != 0 && !with_eraser) {
            return;
        }
        event.prevent_default(); // Else the page's text would be selected.
        let _ = focused.focus();
        let mut panel = me.borrow_mut();
        let turned = with_eraser && !panel.erases();
        if turned {
            let done = panel.act("eraser");
            panel.tell(done);
        }
        held.set(Some((event.pointer_id(), turned)));
        let point = panel.view().point(event);
        let done = panel.begin_stroke(point, Some(event.pointer_id()));
        panel.tell(done);
    });
    let (me, held) = (Rc::clone(panel), Rc::clone(&painting));
    on(&canvas, "pointermove", move |event| {
        let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
        if held.get().is_none_or(|(pointer, _)| pointer == event.pointer_id()) {
            let mut panel = me.borrow_mut();
            let points = points(&panel, event);
            let done = panel.move_brush(points);
            panel.tell(done);
        }
    });
    for name in ["pointerup", "pointercancel", "lostpointercapture"] {
        let (me, held) = (Rc::clone(panel), Rc::clone(&painting));
        on(&canvas, name, move |event| {
            let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
            let Some((pointer, turned)) = held.get() else { return };
            if pointer == event.pointer_id() {
                held.set(None);
                let mut panel = me.borrow_mut();
                let done = panel.end_stroke();
                panel.tell(done);
                if turned {
                    let done = panel.act("brush");
                    panel.tell(done);
                }
            }
        });
    }
    Ok(())
}

/// Returns every point that a pointer passed since the last event, which comes once a frame.
fn points(panel: &Panel, event: &PointerEvent) -> Vec<Point> {
    // Some browsers do not know this call.
    let tells = Reflect::has(event, &"getCoalescedEvents".into()).unwrap_or(false);
    let all = if tells { event.get_coalesced_events().to_vec() } else { Vec::new() };
    let view = panel.view();
    let mut points: Vec<Point> =
        all.iter().filter_map(|one| Some(view.point(one.dyn_ref()?))).collect();
    if points.is_empty() {
        points.push(view.point(event));
    }
    points
}

fn listen_to_keys(panel: &Rc<RefCell<Panel>>) -> Result<()> {
    let view: HtmlElement = by_id("start-easel")?;
    let me = Rc::clone(panel);
    on(&view, "keydown", move |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
        if key.ctrl_key() || key.meta_key() || key.alt_key() {
            return;
        }
        let far = if key.shift_key() { 5.0 } else { 1.0 };
        let mut panel = me.borrow_mut();
        let done = match key.key().as_str() {
            "ArrowLeft" => panel.step((-far, 0.0)),
            "ArrowRight" => panel.step((far, 0.0)),
            "ArrowUp" => panel.step((0.0, -far)),
            "ArrowDown" => panel.step((0.0, far)),
            " " if key.repeat() => Ok(()),
            " " => {
                let cursor = panel.cursor();
                panel.begin_stroke(cursor, None)
            }
            _ => return,
        };
        event.prevent_default(); // Else the page would scroll.
        panel.tell(done);
    });
    for name in ["keyup", "focusout"] {
        let me = Rc::clone(panel);
        on(&view, name, move |event| {
            let key = event.dyn_ref::<KeyboardEvent>();
            // The focus may be lost while the panel itself is at work.
            if key.is_none_or(|key| key.key() == " ")
                && let Ok(mut panel) = me.try_borrow_mut()
            {
                let done = panel.end_stroke();
                panel.tell(done);
            }
        });
    }

    let work: HtmlElement = by_id("start-work")?;
    let me = Rc::clone(panel);
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

fn act(panel: &RefCell<Panel>, tool: &str) {
    let mut panel = panel.borrow_mut();
    let done = panel.act(tool);
    panel.tell(done);
}

fn named(element: Option<Element>, attribute: &str) -> Option<String> {
    element?.get_attribute(attribute)
}
