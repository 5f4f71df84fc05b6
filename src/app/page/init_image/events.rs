//! Event listeners of the init image panel.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, MouseEvent, PointerEvent};

use super::super::file_picker;
use super::fit_requests::Role;
use super::panel::InitImagePanel;
use crate::app::dom::{by_id, closest, on};
use crate::error::Result;
use crate::image::Point;

/// Bit of a pen's eraser in `PointerEvent.buttons`.
const PENS_ERASER: u16 = 32;

/// Selector of enabled tool buttons.
const WORKING_TOOL: &str = "[data-tool]:not([aria-disabled=true])";

/// Adds the listeners.
pub fn listen(panel: &Rc<RefCell<InitImagePanel>>) -> Result<()> {
    listen_to_files(panel)?;
    listen_to_fields(panel)?;
    listen_to_pointers(panel)?;
    listen_to_keys(panel)
}

fn listen_to_files(panel: &Rc<RefCell<InitImagePanel>>) -> Result<()> {
    for (role, button, file) in
        [(Role::Picture, "start-choose", "start-file"), (Role::Mask, "mask-open", "mask-file")]
    {
        let me = Rc::clone(panel);
        file_picker::connect(button, file, move |files| {
            if let Some((_, file)) = files.into_iter().next() {
                me.borrow_mut().open(role, file);
            }
        })?;
    }
    let (remove, choose): (HtmlElement, HtmlElement) =
        (by_id("start-remove")?, by_id("start-choose")?);
    let me = Rc::clone(panel);
    on(&remove, "click", move |_| {
        me.borrow_mut().remove_by_user();
        let _ = choose.focus(); // The pressed button is hidden now.
    });
    Ok(())
}

fn listen_to_fields(panel: &Rc<RefCell<InitImagePanel>>) -> Result<()> {
    let work: HtmlElement = by_id("start-work")?;
    let me = Rc::clone(panel);
    on(&work, "input", move |event| {
        let Some(field) = closest(event, "input, select") else { return };
        let mut panel = me.borrow_mut();
        match field.id().as_str() {
            "strength" => panel.controls().strength_edited(false),
            "strength-range" => panel.controls().strength_edited(true),
            "mask-only" => {
                panel.controls().padding_edited();
                let placed = panel.place();
                panel.report(placed);
            }
            "brush-size" => panel.diameter_edited(),
            "start-fit" => {
                let placed = panel.place();
                panel.report(placed);
            }
            _ => {}
        }
    });
    let me = Rc::clone(panel);
    on(&work, "click", move |event| {
        if let Some(scope) = attribute(closest(event, "[data-scope]"), "data-scope") {
            let mut panel = me.borrow_mut();
            panel.use_mask(scope == "part");
            let placed = panel.place();
            panel.report(placed);
        } else if let Some(tool) = attribute(closest(event, WORKING_TOOL), "data-tool") {
            use_tool(&me, &tool);
        }
    });
    Ok(())
}

fn listen_to_pointers(panel: &Rc<RefCell<InitImagePanel>>) -> Result<()> {
    let canvas: HtmlElement = by_id("start-mask")?;
    // The painting pointer (additional touches are ignored), and whether it switched to the eraser.
    let painting = Rc::new(Cell::new(None));

    let (me, pointer_id, focused) = (Rc::clone(panel), Rc::clone(&painting), canvas.clone());
    on(&canvas, "pointerdown", move |event| {
        let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
        let with_eraser = event.buttons() & PENS_ERASER != 0;
        if pointer_id.get().is_some() || (event.button() != 0 && !with_eraser) {
            return;
        }
        event.prevent_default(); // Prevents text selection.
        let _ = focused.focus();
        let mut panel = me.borrow_mut();
        let turned = with_eraser && !panel.erases();
        if turned {
            let done = panel.use_tool("eraser");
            panel.report(done);
        }
        pointer_id.set(Some((event.pointer_id(), turned)));
        let point = panel.view().point(event);
        let done = panel.begin_stroke(point, Some(event.pointer_id()));
        panel.report(done);
    });
    let (me, pointer_id) = (Rc::clone(panel), Rc::clone(&painting));
    on(&canvas, "pointermove", move |event| {
        let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
        if pointer_id.get().is_none_or(|(pointer, _)| pointer == event.pointer_id()) {
            let mut panel = me.borrow_mut();
            let points = points(&panel, event);
            let done = panel.move_brush(points);
            panel.report(done);
        }
    });
    // A trackpad's pinch is a wheel with Ctrl.
    let me = Rc::clone(panel);
    on(&canvas, "wheel", move |event| {
        let Some(wheel) = event.dyn_ref::<MouseEvent>().filter(|wheel| wheel.ctrl_key()) else {
            return;
        };
        let turned = Reflect::get(wheel, &"deltaY".into()).ok().and_then(|turned| turned.as_f64());
        event.prevent_default(); // Prevents zooming the whole page.
        use_tool(
            &me,
            if turned.is_some_and(|turned| turned < 0.0) { "zoom-in" } else { "zoom-out" },
        );
    });
    for name in ["pointerup", "pointercancel", "lostpointercapture"] {
        let (me, pointer_id) = (Rc::clone(panel), Rc::clone(&painting));
        on(&canvas, name, move |event| {
            let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
            let Some((pointer, turned)) = pointer_id.get() else { return };
            if pointer == event.pointer_id() {
                pointer_id.set(None);
                let mut panel = me.borrow_mut();
                let done = panel.end_stroke();
                panel.report(done);
                if turned {
                    let done = panel.use_tool("brush");
                    panel.report(done);
                }
            }
        });
    }
    Ok(())
}

/// Returns all positions of a pointer since the last event, which comes once per frame.
fn points(panel: &InitImagePanel, event: &PointerEvent) -> Vec<Point> {
    // Some browsers lack this method.
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

fn listen_to_keys(panel: &Rc<RefCell<InitImagePanel>>) -> Result<()> {
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
        event.prevent_default(); // Prevents scrolling.
        panel.report(done);
    });
    for name in ["keyup", "focusout"] {
        let me = Rc::clone(panel);
        on(&view, name, move |event| {
            let key = event.dyn_ref::<KeyboardEvent>();
            // The panel itself may cause the loss of focus while it is borrowed.
            if key.is_none_or(|key| key.key() == " ")
                && let Ok(mut panel) = me.try_borrow_mut()
            {
                let done = panel.end_stroke();
                panel.report(done);
            }
        });
    }

    let work: HtmlElement = by_id("start-work")?;
    let me = Rc::clone(panel);
    on(&work, "keydown", move |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
        // Text fields handle their own keys.
        if closest(event, "#start-easel, #start-tools").is_none()
            || closest(event, "[type=number]").is_some()
        {
            return;
        }
        if let Some(tool) = tool_of(key) {
            event.prevent_default();
            use_tool(&me, tool);
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
            // On some keyboards brackets need AltGr, which some systems report as Ctrl and Alt.
            ("[", _) if key.alt_key() => Some("smaller"),
            ("]", _) if key.alt_key() => Some("larger"),
            _ => None,
        };
    }
    match name.as_str() {
        "e" if !key.repeat() => Some("other"),
        "[" => Some("smaller"),
        "]" => Some("larger"),
        "+" | "=" => Some("zoom-in"),
        "-" => Some("zoom-out"),
        "0" => Some("zoom-fit"),
        _ => None,
    }
}

fn use_tool(panel: &RefCell<InitImagePanel>, tool: &str) {
    let mut panel = panel.borrow_mut();
    let done = panel.use_tool(tool);
    panel.report(done);
}

fn attribute(element: Option<Element>, attribute: &str) -> Option<String> {
    element?.get_attribute(attribute)
}
