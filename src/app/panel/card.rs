//! What a model is and what it takes, with the one button that begins it.

use web_sys::{Element, HtmlButtonElement, HtmlElement};

use crate::app::dom::{by_id, fill, make, set, show};
use crate::app::protocol::{Card, Origin, Plan};
use crate::app::words::amount;
use crate::error::Result;

/// Handles of the card.
pub struct CardView {
    card: HtmlElement,
    name: HtmlElement,
    problems: HtmlElement,
    rows: HtmlElement,
    plan: HtmlElement,
    verdict: HtmlElement,
    go: HtmlButtonElement,
}

impl CardView {
    /// Finds the card in the page.
    pub fn bind() -> Result<Self> {
        Ok(CardView {
            card: by_id("card")?,
            name: by_id("card-name")?,
            problems: by_id("card-problems")?,
            rows: by_id("card-rows")?,
            plan: by_id("card-plan")?,
            verdict: by_id("card-verdict")?,
            go: by_id("use-model")?,
        })
    }

    /// There is nothing to show.
    pub fn hide(&self) {
        show(&self.card, false);
    }

    /// A model is being looked at.
    pub fn look(&self, label: &str) {
        self.name.set_text_content(Some(&format!("Looking at {label}…")));
        set(&self.card, "aria-busy", "true");
        show(&self.card, true);
    }

    /// Shows what was found.
    pub fn show(&self, card: &Card, at_own_size: bool) -> Result<()> {
        self.name.set_text_content(Some(&card.name));
        self.problems.set_text_content(None);
        for problem in &card.problems {
            append(&self.problems, &make("li", problem)?);
        }
        fill(&self.rows, &card.rows)?;
        let rows = card.plan.as_ref().map(plan_rows).unwrap_or_default();
        fill(&self.plan, &rows)?;
        let (sentence, can) = verdict(card.plan.as_ref(), at_own_size);
        self.verdict.set_text_content(Some(&sentence));
        self.verdict.set_class_name(if can { "" } else { "wrong" });
        self.go.set_text_content(Some(&button(card.plan.as_ref())));
        show(&self.go, can);
        set(&self.card, "aria-busy", "false");
        show(&self.card, true);
        Ok(())
    }

    /// Puts the focus to where the answer is given.
    pub fn focus(&self) {
        let _ = if self.go.hidden() { self.name.focus() } else { self.go.focus() };
    }

    /// While another model is on its way the button waits.
    pub fn rest(&self, resting: bool) {
        self.go.set_disabled(resting);
    }
}

fn append(place: &Element, part: &Element) {
    let _ = place.append_child(part);
}

fn plan_rows(plan: &Plan) -> Vec<(String, String)> {
    let weights = amount(plan.weights);
    let download = match plan.origin {
        Origin::Disk => "nothing: it is read from your disk".to_string(),
        Origin::Browser => format!("nothing: its {weights} are kept in this browser"),
        Origin::Network | Origin::Tab if plan.download < plan.weights => {
            format!("{} of {weights}; the rest is here already", amount(plan.download))
        }
        Origin::Network | Origin::Tab => weights,
    };
    let mut rows = vec![("Download".to_string(), download)];
    if let Some(room) = plan.room.filter(|_| plan.download > 0) {
        rows.push(("Room in this browser".to_string(), amount(room)));
    }
    let [width, height] = plan.size;
    let in_turn = if plan.in_turn { ", with each part in its turn" } else { "" };
    let memory = format!("about {} at {width} × {height}{in_turn}", amount(plan.memory));
    rows.push(("Memory".to_string(), memory));
    rows
}

/// A sentence, and whether the model can be used.
fn verdict(plan: Option<&Plan>, at_own_size: bool) -> (String, bool) {
    let Some(plan) = plan else {
        return ("It cannot be used as it is.".to_string(), false);
    };
    if let Some(obstacle) = plan.obstacles.first() {
        // It may still be right at its own size.
        let [width, height] = plan.size;
        let sentence = match at_own_size {
            true => format!("This device cannot run it: {}.", obstacle.trim_end_matches('.')),
            false => format!(
                "Not at {width} × {height} on this device: {}.",
                obstacle.trim_end_matches('.')
            ),
        };
        return (sentence, !at_own_size);
    }
    match plan.room {
        Some(room) if plan.download > room => {
            let sentence = "This device can run it, but the browser has no room to keep it: it would be downloaded again at every visit. Free some disk space first.";
            (sentence.to_string(), true)
        }
        _ => ("This device can run it.".to_string(), true),
    }
}

fn button(plan: Option<&Plan>) -> String {
    match plan {
        Some(plan) if plan.download > 0 && plan.download < plan.weights => {
            format!("Download the remaining {} and use it", amount(plan.download))
        }
        Some(plan) if plan.download > 0 => {
            format!("Download {} and use it", amount(plan.download))
        }
        _ => "Use it".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{button, plan_rows, verdict};
    use crate::app::protocol::{Origin, Plan};

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
    fn the_button_says_what_it_costs() {
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
    fn what_is_here_needs_no_room() {
        let terms = |plan: &Plan| plan_rows(plan).into_iter().map(|(term, _)| term).collect();
        let terms: [Vec<String>; 2] =
            [terms(&plan(Origin::Network, 2_130_000_000)), terms(&plan(Origin::Disk, 0))];
        assert_eq!(terms[0], ["Download", "Room in this browser", "Memory"]);
        assert_eq!(terms[1], ["Download", "Memory"]);
    }

    #[test]
    fn an_obstacle_at_the_own_size_forbids_it_and_at_another_does_not() {
        let mut plan = plan(Origin::Disk, 0);
        assert!(verdict(Some(&plan), true).1);
        plan.obstacles.push("it needs more".to_string());
        assert!(!verdict(Some(&plan), true).1);
        assert!(verdict(Some(&plan), false).1);
        assert!(!verdict(None, true).1);
    }
}
