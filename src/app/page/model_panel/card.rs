//! Card with a model's description and requirements.

use web_sys::{Element, HtmlButtonElement, HtmlElement};

use super::super::adapters::is_adapter;
use super::vae::is_vae;
use crate::app::dom::{
    by_id, create_element, scroll_into_view, set, show, unset, write_definitions,
};
use crate::app::protocol::{Card, FileChoice, FileChoiceKind, Origin, Plan};
use crate::app::words::{self, LocalizedElement, amount, message_text};
use crate::error::Result;

/// The elements.
pub struct CardView {
    card: HtmlElement,
    name: HtmlElement,
    name_text: LocalizedElement,
    /// The shown card, and whether its memory was estimated for the model's native size.
    shown: Option<(Card, bool)>,
    problems: HtmlElement,
    files: HtmlElement,
    rows: HtmlElement,
    plan: HtmlElement,
    verdict: HtmlElement,
    go: HtmlButtonElement,
    add_as_adapter: HtmlElement,
    use_as_vae: HtmlElement,
    details: HtmlElement,
}

impl CardView {
    /// Binds to the elements.
    pub fn bind() -> Result<Self> {
        Ok(CardView {
            card: by_id("card")?,
            name: by_id("card-name")?,
            name_text: LocalizedElement::new(by_id::<HtmlElement>("card-name")?),
            shown: None,
            problems: by_id("card-problems")?,
            files: by_id("card-files")?,
            rows: by_id("card-rows")?,
            plan: by_id("card-plan")?,
            verdict: by_id("card-verdict")?,
            go: by_id("use-model")?,
            add_as_adapter: by_id("add-as-adapter")?,
            use_as_vae: by_id("use-as-vae")?,
            details: by_id("card-details")?,
        })
    }

    /// Hides the card.
    pub fn hide(&self) {
        show(&self.card, false);
    }

    /// Shows that a model is being inspected.
    pub fn show_loading(&mut self, label: &str) {
        let label = label.to_string();
        self.shown = None;
        self.name_text.set(move || words::card_looking(&label));
        set(&self.card, "aria-busy", "true");
        show(&self.card, true);
    }

    /// Shows a model.
    pub fn show(&mut self, card: &Card, at_own_size: bool) -> Result<()> {
        self.write(card, at_own_size)?;
        self.shown = Some((card.clone(), at_own_size));
        set(&self.card, "aria-busy", "false");
        show(&self.card, true);
        Ok(())
    }

    /// Retranslates the card.
    pub fn retranslate(&self) -> Result<()> {
        match &self.shown {
            Some((card, at_own_size)) => self.write(card, *at_own_size),
            None => {
                self.name_text.retranslate();
                Ok(())
            }
        }
    }

    fn write(&self, card: &Card, at_own_size: bool) -> Result<()> {
        self.name_text.set(&card.name);
        self.problems.set_text_content(None);
        for problem in &card.problems {
            append(&self.problems, &create_element("li", &words::error_text(problem))?);
        }
        self.files.set_text_content(None);
        for file in &card.files {
            append(&self.files, &file_button(file)?);
        }
        let rows: Vec<(String, String)> = card
            .rows
            .iter()
            .map(|(term, value)| (message_text(term), message_text(value)))
            .collect();
        write_definitions(&self.rows, &rows)?;
        let rows = card.plan.as_ref().map(plan_rows).unwrap_or_default();
        write_definitions(&self.plan, &rows)?;
        // What is wrong with a model that cannot be used is not folded.
        if card.plan.is_none() {
            set(&self.details, "open", "")
        } else {
            unset(&self.details, "open")
        }
        let (sentence, can) = verdict(card.plan.as_ref(), at_own_size);
        self.verdict.set_text_content(Some(&sentence));
        self.verdict.set_class_name(if can { "" } else { "wrong" });
        self.go.set_text_content(Some(&button(card.plan.as_ref())));
        let can = can || card.plan.as_ref().and_then(fitting_size).is_some();
        show(&self.go, can);
        show(&self.add_as_adapter, card.problems.iter().any(is_adapter));
        show(&self.use_as_vae, card.problems.iter().any(is_vae));
        Ok(())
    }

    /// Returns the smaller size that fits, if the shown model's own does not.
    pub fn fitting_size(&self) -> Option<(u32, u32)> {
        let (card, _) = self.shown.as_ref()?;
        fitting_size(card.plan.as_ref()?)
    }

    /// Scrolls to the card.
    pub fn scroll_to(&self) {
        scroll_into_view(&self.card);
    }

    /// Focuses the button, or the name if there is no button.
    pub fn focus(&self) {
        let _ = if self.go.hidden() { self.name.focus() } else { self.go.focus() };
    }

    /// Disables the button, while a model is loading.
    pub fn set_disabled(&self, is_disabled: bool) {
        self.go.set_disabled(is_disabled);
    }
}

/// Returns a list item: a button that looks a checkpoint up, or the name of another file, with a button
/// that adds an adapter.
fn file_button(file: &FileChoice) -> Result<Element> {
    let item = create_element("li", "")?;
    let label = message_text(&file.label);
    if file.kind == FileChoiceKind::Checkpoint {
        let button = create_element("button", &file.path)?;
        for (name, value) in
            [("type", "button"), ("class", "secondary slim"), ("data-address", &file.address)]
        {
            set(&button, name, value);
        }
        append(&item, &button);
    } else {
        append(&item, &create_element("span", &format!("{} – {label}", file.path))?);
        if file.kind == FileChoiceKind::Lora {
            let button = create_element("button", &words::add_as_adapter())?;
            let name = words::kept_add_name(&file.path);
            for (attribute, value) in [
                ("type", "button"),
                ("class", "link"),
                ("aria-label", &name),
                ("data-adapter-address", &file.address),
            ] {
                set(&button, attribute, value);
            }
            append(&item, &button);
        }
    }
    Ok(item)
}

fn append(place: &Element, part: &Element) {
    let _ = place.append_child(part);
}

fn plan_rows(plan: &Plan) -> Vec<(String, String)> {
    let weights = amount(plan.weights);
    let download = match plan.origin {
        Origin::Disk => words::download_nothing_disk(),
        Origin::Browser => words::download_nothing_kept(weights),
        Origin::Network | Origin::Tab if plan.download < plan.weights => {
            words::download_rest(amount(plan.download), weights)
        }
        Origin::Network | Origin::Tab => weights,
    };
    let mut rows = vec![(words::card_download(), download)];
    if let Some(room) = plan.room.filter(|_| plan.download > 0) {
        rows.push((words::card_room(), amount(room)));
    }
    let [width, height] = plan.size;
    let memory = amount(plan.memory);
    let memory = match plan.in_turn {
        true => words::memory_in_turn(memory, width, height),
        false => words::memory_at(memory, width, height),
    };
    rows.push((words::card_memory(), memory));
    rows
}

/// Returns a sentence, and whether the model can be used.
fn verdict(plan: Option<&Plan>, at_own_size: bool) -> (String, bool) {
    let Some(plan) = plan else {
        return (words::verdict_no(), false);
    };
    if let Some(obstacle) = plan.obstacles.first() {
        // The model may still work at its native size.
        let [width, height] = plan.size;
        let obstacle = words::error_reason(obstacle);
        let sentence = match at_own_size {
            true => words::verdict_not_here(obstacle),
            false => words::verdict_not_this_size(width, height, obstacle),
        };
        return (sentence, !at_own_size);
    }
    match plan.room {
        Some(room) if plan.download > room => (words::verdict_no_room(), true),
        _ => (words::verdict_yes(), true),
    }
}

/// Returns the smaller size that the first obstacle proposes.
fn fitting_size(plan: &Plan) -> Option<(u32, u32)> {
    let remedy = plan.obstacles.first()?.argument("reason");
    let remedy = remedy.argument("remedy")?;
    let side = |name| message_text(remedy.argument(name)?).parse().ok();
    Some((side("width")?, side("height")?))
}

fn button(plan: Option<&Plan>) -> String {
    if let Some((width, height)) = plan.and_then(fitting_size) {
        return words::use_at(width, height);
    }
    match plan {
        Some(plan) if plan.download > 0 && plan.download < plan.weights => {
            words::download_rest_and_use(amount(plan.download))
        }
        Some(plan) if plan.download > 0 => words::download_and_use(amount(plan.download)),
        _ => words::use_it(),
    }
}

#[cfg(test)]
mod tests {
    use super::{button, fitting_size, plan_rows, verdict};
    use crate::app::protocol::{Origin, Plan};
    use crate::error::{Error, Message, messages};

    fn plan(origin: Origin, download: u64) -> Plan {
        Plan {
            origin,
            weights: 2_130_000_000,
            download,
            room: Some(1_000_000_000),
            size: [512, 512],
            memory: 3_400_000_000,
            in_turn: false,
            obstacles: Vec::new(),
        }
    }

    #[test]
    fn button_shows_download_size() {
        assert_eq!(
            button(Some(&plan(Origin::Network, 2_130_000_000))),
            "Download 2.13 GB and use it"
        );
        assert_eq!(
            button(Some(&plan(Origin::Network, 1_000_000_000))),
            "Download the remaining 1.00 GB and use it"
        );
        assert_eq!(button(Some(&plan(Origin::Browser, 0))), "Use it");
    }

    #[test]
    fn button_names_the_smaller_size_that_fits() {
        let mut plan = plan(Origin::Network, 2_130_000_000);
        let remedy = messages::size_fits(256_usize, 256_usize);
        let reason = messages::memory_too_small("5.72 GB", "3.76 GB", remedy);
        let value = Message::verbatim("512 × 512");
        let error = Error::InvalidRequest { field: "size", value, reason };
        plan.obstacles.push((&error).into());
        assert_eq!(fitting_size(&plan), Some((256, 256)));
        assert_eq!(button(Some(&plan)), "Use at 256 × 256");
    }

    #[test]
    fn local_model_shows_no_free_space() {
        let terms = |plan: &Plan| plan_rows(plan).into_iter().map(|(term, _)| term).collect();
        let terms: [Vec<String>; 2] =
            [terms(&plan(Origin::Network, 2_130_000_000)), terms(&plan(Origin::Disk, 0))];
        assert_eq!(terms[0], ["Download", "Room in this browser", "Memory"]);
        assert_eq!(terms[1], ["Download", "Memory"]);
    }

    #[test]
    fn obstacle_forbids_use_only_at_native_size() {
        let mut plan = plan(Origin::Disk, 0);
        assert!(verdict(Some(&plan), true).1);
        let error = Error::NoGpu { reason: Message::verbatim("it needs more") };
        plan.obstacles.push((&error).into());
        let sentence = "This device cannot run it: it needs more.".to_string();
        assert_eq!(verdict(Some(&plan), true), (sentence, false));
        assert!(verdict(Some(&plan), false).1);
        assert_eq!(fitting_size(&plan), None);
        assert!(!verdict(None, true).1);
    }
}
