//! What the bundled model knows: a list to search, random prompts, the nearest word.
//!
//! All of it comes from the model's `knowledge.json`, which training/README.md describes.

mod actions;
pub mod events;
mod facts;
mod file;
mod nearest;
mod search;
mod template;
mod wording;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlDetailsElement, HtmlDialogElement, HtmlElement, HtmlInputElement};

use self::facts::{CHINESE, ENGLISH, Knowledge};
use self::file::KnowledgeFile;
use self::search::Query;
use self::wording::List;
use crate::app::dom::{append_template, by_id, set, show};
use crate::app::words::{self, Language, LocalizedElement, LocalizedText};
use crate::error::Result;

/// Why the file is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// To show the list.
    List,
    /// For a random prompt.
    RandomPrompt,
    /// To name what is unknown in this prompt.
    UnknownWords(String),
}

/// Receives the file's content; `None` if it cannot be had.
type Receiver = Rc<dyn Fn(Purpose, Option<Rc<Knowledge>>)>;

/// The dialog, and the file.
pub struct KnowledgePanel {
    dialog: HtmlDialogElement,
    status: LocalizedElement,
    search: HtmlInputElement,
    found: LocalizedElement,
    groups: HtmlElement,
    group_template: HtmlElement,
    item_template: HtmlElement,
    file: Rc<KnowledgeFile>,
    receiver: RefCell<Option<Receiver>>,
    /// The language in which the list is written.
    language: Cell<Option<usize>>,
    /// The random prompt that was written last.
    written: RefCell<Option<String>>,
}

impl KnowledgePanel {
    /// Binds to the elements. `model` is the bundled model's address.
    pub fn bind(model: &str) -> Result<Self> {
        Ok(KnowledgePanel {
            dialog: by_id("knowledge")?,
            status: LocalizedElement::new(by_id::<HtmlElement>("knowledge-status")?),
            search: by_id("knowledge-search")?,
            found: LocalizedElement::new(by_id::<HtmlElement>("knowledge-found")?),
            groups: by_id("knowledge-groups")?,
            group_template: by_id("knowledge-group-template")?,
            item_template: by_id("knowledge-item-template")?,
            file: Rc::new(KnowledgeFile::new(model.to_string())),
            receiver: RefCell::default(),
            language: Cell::default(),
            written: RefCell::default(),
        })
    }

    /// Sets what receives the file's content.
    fn listen(&self, receiver: impl Fn(Purpose, Option<Rc<Knowledge>>) + 'static) {
        self.receiver.replace(Some(Rc::new(receiver)));
    }

    /// Reads the file, unless it has been read, and passes it to the receiver.
    fn read(&self, purpose: Purpose) {
        let Some(receiver) = self.receiver.borrow().clone() else { return };
        let file = Rc::clone(&self.file);
        spawn_local(async move { receiver(purpose, file.read().await) });
    }

    /// Opens the dialog, with nothing searched for.
    fn open(&self) {
        self.search.set_value("");
        if !self.dialog.open() && self.dialog.show_modal().is_ok() && has_mouse() {
            let _ = self.search.focus(); // A touch keyboard would cover the list.
        }
    }

    /// Closes the dialog.
    pub fn close(&self) {
        if self.dialog.open() {
            self.dialog.close();
        }
    }

    /// Says something in the dialog's head.
    fn say(&self, text: impl Into<LocalizedText>) {
        self.status.set(text);
    }

    /// Shows the prompt in the dialog's head.
    fn show_prompt(&self, prompt: &str) {
        let prompt = prompt.trim().to_string();
        self.say(move || match prompt.is_empty() {
            true => words::knowledge_no_prompt(),
            false => words::knowledge_prompt(&prompt),
        });
    }

    /// Shows the list in the page's language.
    fn show_list(&self, knowledge: &Knowledge) {
        let language = language_of_page();
        if self.language.replace(Some(language)) != Some(language) {
            self.write_list(knowledge, language);
        }
        self.find(knowledge, &|_| false);
    }

    fn write_list(&self, knowledge: &Knowledge, language: usize) {
        self.groups.set_text_content(None);
        for kind in &knowledge.kinds {
            let things = knowledge.things.iter().enumerate();
            let things: Vec<_> = things.filter(|(_, thing)| thing.kind == kind.name).collect();
            let title = kind.in_language(language);
            let Some(list) = self.add_group(title, "things", things.len()) else { continue };
            for (index, thing) in things {
                let name = thing.name_in(language);
                let Some(sign) = self.add_item(&list, index, name) else { continue };
                sign.set_text_content(Some(&thing.character));
            }
        }
        for list in List::ALL {
            let phrases = list.phrases(knowledge);
            let Some(items) = self.add_group(&title(list), id(list), phrases.len()) else {
                continue;
            };
            for (index, phrase) in phrases.iter().enumerate() {
                let Some(sign) = self.add_item(&items, index, phrase.in_language(language)) else {
                    continue;
                };
                match sign.dyn_ref::<HtmlElement>() {
                    Some(sign) if list == List::Colours => {
                        let [r, g, b] = phrase.rgb;
                        let _ =
                            sign.style().set_property("background", &format!("rgb({r} {g} {b})"));
                    }
                    _ => sign.remove(),
                }
            }
        }
    }

    /// Adds a group, and returns its list; `None` for an empty one.
    fn add_group(&self, title: &str, id: &str, count: usize) -> Option<Element> {
        let group = append_template(&self.group_template, &self.groups).filter(|_| count > 0);
        let Some(group) = group else {
            if let Some(empty) = self.groups.last_element_child() {
                empty.remove();
            }
            return None;
        };
        set(&group, "data-list", id);
        let name = group.query_selector("summary span").ok()??;
        name.set_text_content(Some(title));
        group.query_selector("ul").ok()?
    }

    /// Adds a button, and returns the place of its picture.
    fn add_item(&self, list: &Element, index: usize, name: &str) -> Option<Element> {
        let item = append_template(&self.item_template, list)?;
        let button = item.first_element_child()?;
        set(&button, "data-index", &index.to_string());
        button.last_element_child()?.set_text_content(Some(name));
        button.first_element_child()
    }

    /// Shows what the typed text finds, all of it without one. `knows`: whether the model knows a word.
    fn find(&self, knowledge: &Knowledge, knows: &dyn Fn(&str) -> bool) {
        let typed = self.search.value();
        let mut query = Query::new(&typed);
        let mut count = self.filter(knowledge, &query);
        let mut near = None;
        if count == 0 {
            near = nearest::nearest(knowledge, typed.trim(), knows);
        }
        if let Some(near) = &near {
            query = Query::new(near);
            count = self.filter(knowledge, &query);
        }
        let is_empty = query.is_empty();
        self.found.set(move || match &near {
            _ if is_empty => String::new(),
            Some(near) if count > 0 => words::knowledge_near(near),
            _ if count == 0 => words::knowledge_none(),
            _ => words::knowledge_found(count),
        });
    }

    /// Shows only what a query finds, with counts, and returns how much that is.
    fn filter(&self, knowledge: &Knowledge, query: &Query) -> usize {
        let mut all = 0;
        let groups = self.groups.children();
        for number in 0..groups.length() {
            let Some(group) = groups.item(number) else { continue };
            let list = group.get_attribute("data-list").unwrap_or_default();
            let finds = |index: usize| match list_of(&list) {
                Some(list) => {
                    list.phrases(knowledge).get(index).is_some_and(|one| query.finds_phrase(one))
                }
                None => {
                    knowledge.things.get(index).is_some_and(|one| query.finds_thing(knowledge, one))
                }
            };
            let mut count = 0;
            if let Ok(buttons) = group.query_selector_all("button") {
                for index in 0..buttons.length() {
                    let button =
                        buttons.item(index).and_then(|node| node.dyn_into::<Element>().ok());
                    let Some(button) = button else { continue };
                    let is_found = finds(index_of(&button));
                    count += usize::from(is_found);
                    if let Some(item) = button.parent_element() {
                        show(&item, is_found);
                    }
                }
            }
            show(&group, count > 0);
            if let Ok(Some(shown)) = group.query_selector("summary small") {
                shown.set_text_content(Some(&count.to_string()));
            }
            if let Some(details) = group.dyn_ref::<HtmlDetailsElement>() {
                details.set_open(number == 0 || !query.is_empty());
            }
            all += count;
        }
        all
    }

    /// Retranslates the dialog.
    pub fn retranslate(&self) {
        self.status.retranslate();
        self.found.retranslate();
        if let Some(knowledge) = self.file.content().filter(|_| self.language.get().is_some()) {
            self.show_list(&knowledge);
        }
    }

    /// Returns whether a prompt is the random one that was written last.
    pub fn has_written(&self, prompt: &str) -> bool {
        self.written.borrow().as_deref() == Some(prompt)
    }
}

/// Returns the page's language as its place in the file.
fn language_of_page() -> usize {
    if Language::of_page() == Language::Chinese { CHINESE } else { ENGLISH }
}

fn title(list: List) -> String {
    match list {
        List::Colours => words::knowledge_colours(),
        List::Places => words::knowledge_places(),
        List::Styles => words::knowledge_styles(),
    }
}

/// Returns the `data-list` of a list.
fn id(list: List) -> &'static str {
    match list {
        List::Colours => "colours",
        List::Places => "places",
        List::Styles => "styles",
    }
}

/// Returns the list of a `data-list`; `None` for things.
fn list_of(wanted: &str) -> Option<List> {
    List::ALL.into_iter().find(|list| id(*list) == wanted)
}

/// Returns the number of a button in its list of the file.
fn index_of(button: &Element) -> usize {
    let index = button.get_attribute("data-index").and_then(|index| index.parse().ok());
    index.unwrap_or(usize::MAX)
}

fn has_mouse() -> bool {
    let query = crate::app::dom::window()
        .ok()
        .and_then(|window| window.match_media("(hover: hover) and (pointer: fine)").ok().flatten());
    query.is_some_and(|query| query.matches())
}
