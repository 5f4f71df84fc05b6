//! Fields and buttons of the init image panel.

use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlSelectElement};

use super::super::unwise_hint::UnwiseHint;
use super::brush::Brush;
use super::fit_requests::Role;
use crate::app::dom::{
    by_id, clear_errors_in, clear_field_error, scroll_into_view, set, set_bounds, show,
};
use crate::app::protocol::ErrorReport;
use crate::app::words::{self, LocalizedElement, LocalizedText};
use crate::error::Result;
use crate::image::Fit;
use crate::params::{DefaultRule, MASK_BLUR, PADDING_MASK_CROP, STRENGTH, Value};

/// The elements.
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
    zooms: [HtmlElement; 3],
    zoom: LocalizedElement,
    mask_only: HtmlInputElement,
    padding: HtmlInputElement,
    blur: HtmlInputElement,
    strength: HtmlInputElement,
    unwise_strength: Option<UnwiseHint>,
    strength_range: HtmlInputElement,
    strength_moved: LocalizedElement,
    announcer: HtmlElement,
    size: LocalizedElement,
    undo_size: HtmlElement,
    picture_problem: LocalizedElement,
    mask_problem: LocalizedElement,
    /// Whether only the masked part is to change.
    masks: bool,
    strength_is_chosen: bool,
}

/// Values of the fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Whether only the masked part is to change.
    pub masks: bool,
    fit: Fit,
    is_crop_only: bool,
    padding: String,
    blur: String,
    strength: String,
    strength_is_chosen: bool,
}

impl Controls {
    /// Binds to the elements.
    pub fn bind() -> Result<Self> {
        let [padding, blur, strength]: [HtmlInputElement; 3] =
            [by_id(PADDING_MASK_CROP.id)?, by_id(MASK_BLUR.id)?, by_id(STRENGTH.id)?];
        set_bounds(&padding, &PADDING_MASK_CROP);
        set_bounds(&blur, &MASK_BLUR);
        set_bounds(&strength, &STRENGTH);
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
            zooms: [by_id("mask-zoom-in")?, by_id("mask-zoom-out")?, by_id("mask-zoom-fit")?],
            zoom: LocalizedElement::new(by_id::<HtmlElement>("mask-zoom")?),
            mask_only: by_id("mask-only")?,
            padding,
            blur,
            strength,
            unwise_strength: UnwiseHint::bind(&STRENGTH),
            strength_range: by_id("strength-range")?,
            strength_moved: LocalizedElement::new(by_id::<HtmlElement>("strength-moved")?),
            announcer: by_id("start-said")?,
            size: LocalizedElement::new(by_id::<HtmlElement>("start-size")?),
            undo_size: by_id("undo-size")?,
            picture_problem: LocalizedElement::new(by_id::<HtmlElement>("start-file-problem")?),
            mask_problem: LocalizedElement::new(by_id::<HtmlElement>("mask-file-problem")?),
            masks: false,
            strength_is_chosen: false,
        })
    }

    /// Shows or hides the controls for an init image.
    pub fn show_picture_controls(&self, has: bool) {
        show(&self.in_use, has);
        show(&self.remove, has);
        show(&self.hint, !has);
        show(&self.work, has);
    }

    /// Shows whether a picture or mask is being read.
    pub fn set_reading(&self, is_reading: bool) {
        show(&self.reading, is_reading);
    }

    /// Opens the section.
    pub fn open(&self) {
        set(&self.section, "open", "");
    }

    /// Opens the section and scrolls to it.
    pub fn open_and_scroll(&self) {
        self.open();
        self.section.scroll_into_view();
    }

    /// Returns how an image of another aspect ratio is fitted.
    pub fn fit(&self) -> Fit {
        if self.fit.value() == "pad" { Fit::Pad } else { Fit::Crop }
    }

    /// Clears all errors of the section.
    pub fn clear_errors(&self) {
        clear_errors_in(&self.section);
    }

    /// Sets how an image of another aspect ratio is fitted.
    pub fn set_fit(&self, fit: Fit) {
        self.fit.set_value(if fit == Fit::Pad { "pad" } else { "crop" });
    }

    /// Returns whether only the masked part is to change.
    pub fn masks(&self) -> bool {
        self.masks
    }

    /// Sets whether only the masked part is to change.
    pub fn set_masks(&mut self, masks: bool) {
        self.masks = masks;
        for (scope, pressed) in [("all", !masks), ("part", masks)] {
            if let Ok(Some(button)) = self.scopes.query_selector(&format!("[data-scope={scope}]")) {
                set_pressed(&button, pressed);
            }
        }
        show(&self.tools, masks);
        if !masks {
            clear_errors_in(&self.tools);
        }
        self.follow_scope();
    }

    /// Sets the strength that is usual for the scope, unless the user has chosen one, and says so.
    fn follow_scope(&mut self) {
        let DefaultRule::Masked(values) = STRENGTH.default else { return };
        let usual = values[usize::from(self.masks)];
        if self.strength_is_chosen || self.strength.value() == usual.to_string() {
            return;
        }
        self.write_strength(usual);
        let line = if self.masks { words::strength_of_part } else { words::strength_of_all };
        self.strength_moved.set(move || line(usual));
        show(self.strength_moved.element(), true);
    }

    /// Says which size the result of an image of size `own` will have.
    pub fn show_size(&self, own: [u32; 2], (width, height): (u32, u32)) {
        let [own_width, own_height] = own;
        self.size.set(move || match own == [width, height] {
            true => words::size_is_kept(width, height),
            false => words::size_of_result(own_width, own_height, width, height),
        });
    }

    /// Shows or hides the button that undoes the size that follows the image.
    pub fn offer_size_undo(&self, can_undo: bool) {
        show(&self.undo_size, can_undo);
    }

    /// Shows the brush; `largest` is the maximum diameter in pixels.
    pub fn show_brush(&self, brush: Brush, largest: u32) {
        set_pressed(&self.brush, !brush.erases);
        set_pressed(&self.eraser, brush.erases);
        self.brush_size.set_max(&largest.to_string());
        self.brush_size.set_value(&brush.diameter.to_string());
        set(&self.brush_size, "aria-valuetext", &words::pixels(brush.diameter));
    }

    /// Returns the brush's diameter, pixels.
    pub fn diameter(&self) -> u32 {
        self.brush_size.value_as_number().max(1.0) as u32
    }

    /// Enables or disables Undo and Redo.
    pub fn show_history(&self, (undo, redo): (bool, bool)) {
        set_enabled(&self.undo, undo);
        set_enabled(&self.redo, redo);
    }

    /// Shows the canvases' magnification, and whether a larger and a smaller one remain.
    pub fn show_zoom(&self, zoom: f64, [larger, smaller]: [bool; 2]) {
        for (button, works) in self.zooms.iter().zip([larger, smaller, smaller]) {
            set_enabled(button, works);
        }
        self.zoom.set(move || words::mask_zoom(zoom * 100.0));
    }

    /// Returns the strength.
    pub fn strength(&self) -> Result<f64> {
        let strength = STRENGTH.read(&self.strength.value())?;
        Ok(strength.as_f64().unwrap_or_default())
    }

    /// Sets the strength, as the user's choice.
    pub fn set_strength(&mut self, strength: f64) {
        self.strength_is_chosen = true;
        self.write_strength(strength);
    }

    /// Handles an input to the strength's slider or field.
    pub fn strength_edited(&mut self, by_slider: bool) {
        self.strength_is_chosen = true;
        let (from, to) = if by_slider {
            (&self.strength_range, &self.strength)
        } else {
            (&self.strength, &self.strength_range)
        };
        to.set_value(&from.value());
        self.strength_changed();
    }

    /// Returns whether only the masked part and its surroundings are generated.
    pub fn crops(&self) -> bool {
        self.mask_only.checked()
    }

    /// Returns `padding_mask_crop`, pixels; `None` for the whole picture.
    pub fn padding(&self) -> Result<Option<usize>> {
        if !self.mask_only.checked() {
            return Ok(None);
        }
        let padding = PADDING_MASK_CROP.read(&self.padding.value())?;
        Ok(padding.as_f64().map(|padding| padding as usize))
    }

    /// Sets `padding_mask_crop`, pixels.
    pub fn set_padding(&self, padding: Option<usize>) {
        self.mask_only.set_checked(padding.is_some());
        if let Some(padding) = padding {
            self.padding.set_value(&padding.to_string());
        }
        self.padding_edited();
    }

    /// Returns the radius of the mask's blur, pixels.
    pub fn blur(&self) -> Result<usize> {
        let blur = MASK_BLUR.read(&self.blur.value())?;
        Ok(blur.as_f64().map_or(0, |blur| blur as usize))
    }

    /// Sets the radius of the mask's blur, pixels.
    pub fn set_blur(&self, blur: usize) {
        self.blur.set_value(&blur.to_string());
    }

    /// Handles a change of the checkbox for `padding_mask_crop`.
    pub fn padding_edited(&self) {
        self.padding.set_disabled(!self.mask_only.checked());
        clear_field_error(PADDING_MASK_CROP.id);
    }

    /// Returns the values of the fields.
    pub fn settings(&self) -> Settings {
        Settings {
            masks: self.masks,
            fit: self.fit(),
            is_crop_only: self.mask_only.checked(),
            padding: self.padding.value(),
            blur: self.blur.value(),
            strength: self.strength.value(),
            strength_is_chosen: self.strength_is_chosen,
        }
    }

    /// Sets the fields, except whether there is a mask, which the panel sets.
    pub fn restore_settings(&mut self, settings: &Settings) {
        self.set_fit(settings.fit);
        self.mask_only.set_checked(settings.is_crop_only);
        self.padding.set_value(&settings.padding);
        self.blur.set_value(&settings.blur);
        self.padding_edited();
        self.strength_is_chosen = settings.strength_is_chosen;
        self.strength.set_value(&settings.strength);
        self.strength_range.set_value(&settings.strength);
        self.strength_changed();
    }

    /// Announces a text to screen readers.
    pub fn announce(&self, text: &str) {
        self.announcer.set_text_content(Some(text));
    }

    /// Shows an error of the init image or its mask, and scrolls to it.
    pub fn show_problem(&self, role: Role, line: impl Into<LocalizedText>) {
        let problem = match role {
            Role::Picture => &self.picture_problem,
            Role::Mask => &self.mask_problem,
        };
        show(problem.element(), true);
        problem.set(line);
        scroll_into_view(problem.element());
    }

    /// Shows the error of a result, if it is one.
    pub fn report(&self, role: Role, done: Result<()>) {
        if let Err(error) = done {
            let error = ErrorReport::from(&error);
            self.show_problem(role, move || words::error_text(&error));
        }
    }

    /// Retranslates the errors.
    pub fn retranslate(&self) {
        self.picture_problem.retranslate();
        self.mask_problem.retranslate();
        self.strength_moved.retranslate();
        self.size.retranslate();
        self.zoom.retranslate();
        if let Some(hint) = &self.unwise_strength {
            hint.retranslate();
        }
        self.announce("");
    }
}

impl Controls {
    fn write_strength(&self, strength: f64) {
        self.strength.set_value(&strength.to_string());
        self.strength_range.set_value(&strength.to_string());
        self.strength_changed();
    }

    fn strength_changed(&self) {
        show(self.strength_moved.element(), false);
        self.show_unwise();
    }

    fn show_unwise(&self) {
        if let Some(hint) = &self.unwise_strength {
            hint.update(self.strength().ok().map(Value::Float).as_ref());
        }
    }
}

/// Enables or disables a tool. A `disabled` button would lose the focus and with it the tools' keys.
fn set_enabled(button: &HtmlElement, works: bool) {
    set(button, "aria-disabled", if works { "false" } else { "true" });
}

fn set_pressed(button: &Element, pressed: bool) {
    set(button, "aria-pressed", if pressed { "true" } else { "false" });
}
