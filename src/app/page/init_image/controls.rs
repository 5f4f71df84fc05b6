//! Fields and buttons around the picture.

use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlSelectElement};

use super::brush::Brush;
use super::reading::Role;
use crate::app::dom::{bound, bring_into_sight, by_id, set, show};
use crate::app::protocol::Fault;
use crate::app::words::{self, Line, Voice};
use crate::error::Result;
use crate::image::Fit;
use crate::params::{DefaultRule, PADDING_MASK_CROP, STRENGTH};

/// Handles of them.
pub struct Controls {
    section: HtmlElement,
    in_use: HtmlElement,
    remove: HtmlElement,
    hint: HtmlElement,
    reading: HtmlElement,
    work: HtmlElement,
    fit: HtmlSelectElement,
    scopes: HtmlElement,
    tools: HtmlElement,
    brush: HtmlElement,
    eraser: HtmlElement,
    brush_size: HtmlInputElement,
    undo: HtmlElement,
    redo: HtmlElement,
    mask_only: HtmlInputElement,
    padding: HtmlInputElement,
    strength: HtmlInputElement,
    strength_range: HtmlInputElement,
    said: HtmlElement,
    picture_problem: Voice,
    mask_problem: Voice,
    /// Only what is painted over is to change.
    masks: bool,
    strength_is_chosen: bool,
}

impl Controls {
    /// Finds them in the page.
    pub fn bind() -> Result<Self> {
        let [padding, strength]: [HtmlInputElement; 2] =
            [by_id(PADDING_MASK_CROP.id)?, by_id(STRENGTH.id)?];
        bound(&padding, &PADDING_MASK_CROP);
        bound(&strength, &STRENGTH);
        Ok(Controls {
            section: by_id("start")?,
            in_use: by_id("start-in-use")?,
            remove: by_id("start-remove")?,
            hint: by_id("start-hint")?,
            reading: by_id("start-reading")?,
            work: by_id("start-work")?,
            fit: by_id("start-fit")?,
            scopes: by_id("start-scopes")?,
            tools: by_id("start-tools")?,
            brush: by_id("mask-brush")?,
            eraser: by_id("mask-eraser")?,
            brush_size: by_id("brush-size")?,
            undo: by_id("mask-undo")?,
            redo: by_id("mask-redo")?,
            mask_only: by_id("mask-only")?,
            padding,
            strength,
            strength_range: by_id("strength-range")?,
            said: by_id("start-said")?,
            picture_problem: Voice::new(by_id::<HtmlElement>("start-file-problem")?),
            mask_problem: Voice::new(by_id::<HtmlElement>("mask-file-problem")?),
            masks: false,
            strength_is_chosen: false,
        })
    }

    /// Shows what belongs to a picture, or hides it.
    pub fn has_picture(&self, has: bool) {
        show(&self.in_use, has);
        show(&self.remove, has);
        show(&self.hint, !has);
        show(&self.work, has);
    }

    /// Shows whether a picture or mask is being read.
    pub fn reads(&self, reads: bool) {
        show(&self.reading, reads);
    }

    /// Opens the section.
    pub fn open(&self) {
        set(&self.section, "open", "");
    }

    /// Brings the section into sight.
    pub fn go_to(&self) {
        self.open();
        self.section.scroll_into_view();
    }

    /// Returns what happens to a picture of another shape.
    pub fn fit(&self) -> Fit {
        if self.fit.value() == "pad" { Fit::Pad } else { Fit::Crop }
    }

    /// Sets what happens to a picture of another shape.
    pub fn set_fit(&self, fit: Fit) {
        self.fit.set_value(if fit == Fit::Pad { "pad" } else { "crop" });
    }

    /// Returns whether only what is painted over is to change.
    pub fn masks(&self) -> bool {
        self.masks
    }

    /// Sets whether only what is painted over is to change.
    pub fn set_masks(&mut self, masks: bool) {
        self.masks = masks;
        for (scope, pressed) in [("all", !masks), ("part", masks)] {
            if let Ok(Some(button)) = self.scopes.query_selector(&format!("[data-scope={scope}]")) {
                press(&button, pressed);
            }
        }
        show(&self.tools, masks);
        if let DefaultRule::Masked(values) = STRENGTH.default
            && !self.strength_is_chosen
        {
            self.write_strength(values[usize::from(masks)]);
        }
    }

    /// Shows what is painted with, of brushes up to `largest` pixels.
    pub fn show_brush(&self, brush: Brush, largest: u32) {
        press(&self.brush, !brush.erases);
        press(&self.eraser, brush.erases);
        self.brush_size.set_max(&largest.to_string());
        self.brush_size.set_value(&brush.diameter.to_string());
        set(&self.brush_size, "aria-valuetext", &words::pixels(brush.diameter));
    }

    /// The brush's width, pixels.
    pub fn diameter(&self) -> u32 {
        self.brush_size.value_as_number().max(1.0) as u32
    }

    /// Whether there is something to undo, and something to do again.
    pub fn show_history(&self, (undo, redo): (bool, bool)) {
        for (button, works) in [(&self.undo, undo), (&self.redo, redo)] {
            // Truly disabled it would lose the focus, and with it the keys of the tools.
            set(button, "aria-disabled", if works { "false" } else { "true" });
        }
    }

    /// Returns the strength.
    pub fn strength(&self) -> Result<f64> {
        let strength = STRENGTH.read(&self.strength.value())?;
        Ok(strength.as_f64().unwrap_or_default())
    }

    /// Sets it, as the user's choice.
    pub fn set_strength(&mut self, strength: f64) {
        self.strength_is_chosen = true;
        self.write_strength(strength);
    }

    /// The slider was moved, or the field beside it was written in.
    pub fn strength_edited(&mut self, by_slider: bool) {
        self.strength_is_chosen = true;
        let (from, to) = if by_slider {
            (&self.strength_range, &self.strength)
        } else {
            (&self.strength, &self.strength_range)
        };
        to.set_value(&from.value());
    }

    /// Returns `padding_mask_crop`, pixels; `None` for the whole picture.
    pub fn padding(&self) -> Result<Option<usize>> {
        if !self.mask_only.checked() {
            return Ok(None);
        }
        let padding = PADDING_MASK_CROP.read(&self.padding.value())?;
        Ok(padding.as_f64().map(|padding| padding as usize))
    }

    /// Sets it.
    pub fn set_padding(&self, padding: Option<usize>) {
        self.mask_only.set_checked(padding.is_some());
        if let Some(padding) = padding {
            self.padding.set_value(&padding.to_string());
        }
        self.padding_edited();
    }

    /// It was switched on or off.
    pub fn padding_edited(&self) {
        self.padding.set_disabled(!self.mask_only.checked());
    }

    /// Tells screen readers something.
    pub fn say(&self, text: &str) {
        self.said.set_text_content(Some(text));
    }

    /// Says what is wrong with the picture itself, or with its mask, and scrolls to it.
    pub fn complain(&self, role: Role, line: impl Into<Line>) {
        let problem = match role {
            Role::Picture => &self.picture_problem,
            Role::Mask => &self.mask_problem,
        };
        show(problem.element(), true);
        problem.say(line);
        bring_into_sight(problem.element());
    }

    /// The same, if something is.
    pub fn tell(&self, role: Role, done: Result<()>) {
        if let Err(error) = done {
            let fault = Fault::from(&error);
            self.complain(role, move || words::fault(&fault));
        }
    }

    /// Says everything again in the language that the page speaks now.
    pub fn speak(&self) {
        self.picture_problem.again();
        self.mask_problem.again();
        self.say("");
    }
}

impl Controls {
    fn write_strength(&self, strength: f64) {
        self.strength.set_value(&strength.to_string());
        self.strength_range.set_value(&strength.to_string());
    }
}

fn press(button: &Element, pressed: bool) {
    set(button, "aria-pressed", if pressed { "true" } else { "false" });
}
