//! List of the jobs that wait for the current one.

use web_sys::{Element, HtmlElement};

use super::queue::JobQueue;
use crate::app::dom::{append_template, by_id, set, show};
use crate::app::words;
use crate::error::Result;

/// The elements.
pub struct QueueView {
    section: HtmlElement,
    count: HtmlElement,
    list: HtmlElement,
    template: HtmlElement,
}

impl QueueView {
    /// Binds to the elements.
    pub fn bind() -> Result<Self> {
        Ok(QueueView {
            section: by_id("queue")?,
            count: by_id("queue-count")?,
            list: by_id("queue-list")?,
            template: by_id("queue-template")?,
        })
    }

    /// Shows the waiting jobs.
    pub fn show(&self, queue: &JobQueue) {
        let count = queue.jobs().count();
        show(&self.section, count > 0);
        let text = if count == 0 { String::new() } else { words::queue_waiting(count) };
        // Screen readers would announce an unchanged status again.
        if self.count.text_content().as_deref() != Some(&text) {
            self.count.set_text_content(Some(&text));
        }
        self.list.set_text_content(None);
        for queued in queue.jobs() {
            let prompt = &queued.job.request.params.prompt;
            let name = match prompt.trim() {
                "" => words::recipe_no_prompt(),
                prompt => prompt.to_string(),
            };
            let Some(item) = append_template(&self.template, &self.list) else { continue };
            if let Ok(Some(text)) = item.query_selector("span") {
                text.set_text_content(Some(&name));
            }
            if let Some(button) = button(&item) {
                set(&button, "data-queued", &queued.number.to_string());
                set(&button, "aria-label", &words::queue_cancel(&name));
            }
        }
    }
}

fn button(item: &Element) -> Option<Element> {
    item.query_selector("button").ok().flatten()
}
