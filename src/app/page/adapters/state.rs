//! State of the shelf: the adapters that the user has, and how they are used.
//!
//! Files are a type parameter: on the page they belong to the browser, in tests they are plain values.

use std::mem;

use crate::app::protocol::{AdapterCard, ErrorReport, Origin};
use crate::params::AdapterUse;

/// Use of a new adapter.
const SWITCHED_ON: Usage = Usage { is_on: true, unet: 1.0, text_encoder: None };

/// Beginning of the place of a model's own adapter in a kept shelf; no address has a space.
const OWN: &str = "model ";

/// Where an adapter comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum AdapterPlace<F> {
    /// An address as typed, or the absolute one once it is known.
    Address(String),
    /// A file from disk, which is kept while the page is open.
    File(F),
    /// The files of the model at this place, with which it is opened.
    Own(String),
}

/// Progress of opening.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// No model is loaded.
    Waiting,
    /// The worker opens it.
    Opening {
        /// The request's number.
        request: u32,
        /// Received and total bytes, and their source.
        progress: Option<(u64, u64, Origin)>,
    },
    /// It is open for the loaded model.
    Open,
    /// The user has stopped the download.
    Stopped,
    /// It cannot be opened, or does not fit the loaded model.
    Failed(ErrorReport),
}

/// How an adapter is used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usage {
    /// Whether it is switched on.
    pub is_on: bool,
    /// Weight of its change of the UNet.
    pub unet: f64,
    /// Weight of its change of the text encoders; `None`: the same.
    pub text_encoder: Option<f64>,
}

/// What becomes of the embeddings that a picture's settings do not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherEmbeddings {
    /// They are switched off: the settings name all.
    Off,
    /// They stay as they are: the settings of some programs name none.
    Stay,
}

/// An adapter on the shelf.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<F> {
    /// Its number on this page.
    pub id: u32,
    /// Where it comes from.
    pub place: AdapterPlace<F>,
    /// How it is used.
    pub usage: Usage,
    /// Whether it is open.
    pub status: Status,
    /// Its name; empty until it was opened once.
    pub name: String,
    /// Its description, once it was opened on this page.
    pub card: Option<AdapterCard>,
}

/// The adapters, in the order in which they apply.
#[derive(Debug)]
pub struct Shelf<F> {
    rows: Vec<Row<F>>,
    /// Own adapters of models that are not loaded.
    absent: Vec<Row<F>>,
    /// Whether a model is loaded.
    has_model: bool,
    /// Adapters of settings that were taken over before a model was loaded.
    awaited: Option<Vec<AdapterUse>>,
    last_id: u32,
    /// Usage before and after the settings of a picture were taken over, by number.
    replaced: Vec<(u32, Usage, Usage)>,
}

impl<F> Default for Shelf<F> {
    fn default() -> Self {
        Shelf {
            rows: Vec::new(),
            absent: Vec::new(),
            has_model: false,
            awaited: None,
            last_id: 0,
            replaced: Vec::new(),
        }
    }
}

impl Usage {
    /// Returns how a picture uses an adapter.
    fn of(AdapterUse { unet, text_encoder, .. }: &AdapterUse) -> Self {
        let text_encoder = Some(*text_encoder).filter(|weight| weight != unet);
        Usage { is_on: true, unet: *unet, text_encoder }
    }
}

impl<F> Row<F> {
    /// Returns the weight of its change of the text encoders.
    pub fn text_encoder(&self) -> f64 {
        self.usage.text_encoder.unwrap_or(self.usage.unet)
    }

    /// Returns the use of it in a picture; `None` if it is off, has no name yet or does not fit.
    fn in_use(&self) -> Option<AdapterUse> {
        // The worker opens it before it begins a later picture.
        let is_open = matches!(self.status, Status::Open | Status::Opening { .. });
        let is_used = self.usage.is_on && is_open && !self.name.is_empty();
        is_used.then(|| AdapterUse {
            name: self.name.clone(),
            unet: self.usage.unet,
            text_encoder: self.text_encoder(),
        })
    }

    /// Returns whether it comes with a model.
    pub fn is_own(&self) -> bool {
        matches!(self.place, AdapterPlace::Own(_))
    }

    /// Returns whether it is a textual inversion, as far as it is known.
    pub fn is_embedding(&self) -> bool {
        self.card.as_ref().is_some_and(|card| card.is_embedding)
    }

    fn is_named(&self, name: &str) -> bool {
        let title = self.card.as_ref().and_then(|card| card.title.as_deref());
        let is_same = |own: &str| own.to_lowercase() == name.to_lowercase();
        is_same(&self.name) || title.is_some_and(is_same)
    }
}

impl<F> Shelf<F> {
    /// Returns the adapters.
    pub fn rows(&self) -> &[Row<F>] {
        &self.rows
    }

    /// Returns an adapter.
    pub fn get(&self, id: u32) -> Option<&Row<F>> {
        self.rows.iter().find(|row| row.id == id)
    }

    fn get_mut(&mut self, id: u32) -> Option<&mut Row<F>> {
        self.rows.iter_mut().find(|row| row.id == id)
    }

    /// Adds an adapter, switched on, and returns its number. One that is there already at the same
    /// address is switched on instead.
    pub fn add(&mut self, place: AdapterPlace<F>) -> u32 {
        let is_same = |row: &&mut Row<F>| match (&row.place, &place) {
            (AdapterPlace::Address(own), AdapterPlace::Address(new)) => own == new,
            _ => false,
        };
        if let Some(row) = self.rows.iter_mut().find(is_same) {
            row.usage.is_on = true;
            return row.id;
        }
        let row = self.row(place, SWITCHED_ON, String::new());
        let id = row.id;
        self.rows.push(row);
        id
    }

    fn row(&mut self, place: AdapterPlace<F>, usage: Usage, name: String) -> Row<F> {
        self.last_id += 1;
        Row { id: self.last_id, place, usage, status: Status::Waiting, name, card: None }
    }

    /// Records that the model at `model` is loaded, with its own adapter. That is switched on unless the user
    /// has switched it off before, or settings say otherwise that were taken over before. Returns the names in
    /// these that are not on the shelf.
    pub fn model_loaded(&mut self, model: &str, card: Option<AdapterCard>) -> Vec<String> {
        self.has_model = true;
        let (own, others) = mem::take(&mut self.rows).into_iter().partition(Row::is_own);
        self.rows = others;
        self.absent.extend::<Vec<_>>(own);
        if let Some(card) = card {
            let is_same =
                |row: &Row<F>| matches!(&row.place, AdapterPlace::Own(own) if own == model);
            let mut row = match self.absent.iter().position(is_same) {
                Some(index) => self.absent.remove(index),
                None => self.row(AdapterPlace::Own(model.to_string()), SWITCHED_ON, String::new()),
            };
            if let Some(uses) = &self.awaited {
                let used = uses.iter().find(|used| used.name == card.name);
                row.usage = used.map_or(Usage { is_on: false, ..row.usage }, Usage::of);
            }
            let id = row.id;
            self.rows.insert(0, row);
            self.opened(id, card);
        }
        let awaited = self.awaited.take().unwrap_or_default();
        let is_missing = |used: &AdapterUse| self.position(&used.name).is_none();
        awaited.into_iter().filter(is_missing).map(|used| used.name).collect()
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.rows.iter().position(|row| row.is_named(name))
    }

    /// Removes an adapter.
    pub fn remove(&mut self, id: u32) -> Option<Row<F>> {
        let index = self.rows.iter().position(|row| row.id == id)?;
        Some(self.rows.remove(index))
    }

    /// Sets how an adapter is used. Weights that are no numbers are not taken.
    pub fn set_usage(&mut self, id: u32, usage: Usage) {
        let is_finite =
            usage.unet.is_finite() && usage.text_encoder.is_none_or(|weight| weight.is_finite());
        if let Some(row) = self.get_mut(id).filter(|_| is_finite) {
            row.usage = usage;
        }
    }

    /// Records that `request` opens an adapter.
    pub fn opening(&mut self, id: u32, request: u32) {
        if let Some(row) = self.get_mut(id) {
            row.status = Status::Opening { request, progress: None };
        }
    }

    /// Records the progress of a download.
    pub fn downloaded(&mut self, id: u32, received: u64, total: u64, origin: Origin) {
        if let Some(Status::Opening { progress, .. }) = self.get_mut(id).map(|row| &mut row.status)
        {
            *progress = Some((received, total, origin));
        }
    }

    /// Records that an adapter is open. It replaces another one of its name, as it does in the worker, and takes
    /// its place and weights.
    pub fn opened(&mut self, id: u32, card: AdapterCard) {
        let is_other = |row: &Row<F>| row.id != id && row.name == card.name;
        if let Some(index) = self.rows.iter().position(is_other) {
            let Row { usage, .. } = self.rows.remove(index);
            if let Some(mut row) = self.remove(id) {
                row.usage = Usage { is_on: true, ..usage };
                self.rows.insert(index.min(self.rows.len()), row);
            }
        }
        if let Some(row) = self.get_mut(id) {
            row.status = Status::Open;
            row.name.clone_from(&card.name);
            if let AdapterPlace::Address(address) = &mut row.place {
                address.clone_from(&card.place);
            }
            if !card.has_text_encoder {
                row.usage.text_encoder = None;
            }
            row.card = Some(card);
        }
    }

    /// Records that an adapter cannot be opened.
    pub fn failed(&mut self, id: u32, error: ErrorReport) {
        if let Some(row) = self.get_mut(id) {
            row.status = Status::Failed(error);
        }
    }

    /// Records that the user has stopped the opening.
    pub fn stopped(&mut self, id: u32) {
        if let Some(row) = self.get_mut(id) {
            row.status = Status::Stopped;
        }
    }

    /// Records that nothing is open any more: another model was loaded, or the worker has exited.
    pub fn close(&mut self) {
        self.has_model = false;
        self.rows.iter_mut().for_each(|row| row.status = Status::Waiting);
    }

    /// Returns the adapters of a picture.
    pub fn uses(&self) -> Vec<AdapterUse> {
        self.rows.iter().filter_map(Row::in_use).collect()
    }

    /// Returns whether there is an adapter of this name.
    pub fn has(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// Returns whether an adapter of this name is open, so that a prompt can name it.
    pub fn has_open(&self, name: &str) -> bool {
        self.rows.iter().any(|row| row.status == Status::Open && row.is_named(name))
    }

    /// Returns whether one that is switched on is being opened and its name not known yet: a picture has
    /// to wait for it.
    pub fn awaits(&self) -> bool {
        let awaits = |row: &Row<F>| {
            row.usage.is_on && row.name.is_empty() && matches!(row.status, Status::Opening { .. })
        };
        self.rows.iter().any(awaits)
    }

    /// Switches on what a picture used, with its weights, and the others off, embeddings by `others`.
    /// Returns the names that are not on the shelf; before a model is loaded, [`Shelf::model_loaded`] does.
    pub fn take_over(&mut self, uses: &[AdapterUse], others: OtherEmbeddings) -> Vec<String> {
        let mut missing = Vec::new();
        let stays = |row: &Row<F>| row.is_embedding() && others == OtherEmbeddings::Stay;
        let rows = self.rows.iter();
        let usage = |row: &Row<F>| Usage { is_on: row.usage.is_on && stays(row), ..row.usage };
        let mut usages: Vec<Usage> = rows.map(usage).collect();
        for used in uses {
            match self.position(&used.name) {
                Some(index) => usages[index] = Usage::of(used),
                None => missing.push(used.name.clone()),
            }
        }
        self.replace(usages);
        // The model may come with one of them.
        self.awaited = (!self.has_model).then(|| uses.to_vec());
        if self.has_model { missing } else { Vec::new() }
    }

    /// Switches one on, so that it can be undone with the settings that it suggests.
    pub fn switch_on(&mut self, id: u32) {
        let is_on = |row: &Row<F>| row.usage.is_on || row.id == id;
        let usages = self.rows.iter().map(|row| Usage { is_on: is_on(row), ..row.usage });
        self.replace(usages.collect());
    }

    fn replace(&mut self, usages: Vec<Usage>) {
        let earlier = mem::take(&mut self.replaced);
        for (row, usage) in self.rows.iter_mut().zip(usages) {
            // Undoing restores what was there before an earlier replacement, unless it was changed since.
            let before = earlier.iter().find(|(id, _, after)| *id == row.id && *after == row.usage);
            let before = before.map_or(row.usage, |(_, before, _)| *before);
            self.replaced.push((row.id, before, usage));
            row.usage = usage;
        }
    }

    /// Undoes the last replacements. What was changed since stays.
    pub fn undo(&mut self) {
        self.awaited = None;
        for (id, before, after) in mem::take(&mut self.replaced) {
            if let Some(row) = self.get_mut(id).filter(|row| row.usage == after) {
                row.usage = before;
            }
        }
    }

    /// Makes the last replacements permanent.
    pub fn forget_replacement(&mut self) {
        self.replaced.clear();
    }

    /// Returns the text that keeps the shelf: a line for each adapter at an address, or of a model, that was
    /// opened once.
    pub fn to_text(&self) -> String {
        let line = |row: &Row<F>| {
            let address = match &row.place {
                AdapterPlace::Address(address) => address.clone(),
                AdapterPlace::Own(model) => format!("{OWN}{model}"),
                AdapterPlace::File(_) => return None,
            };
            let Usage { is_on, unet, text_encoder } = row.usage;
            let switch = if is_on { "on" } else { "off" };
            let text_encoder = text_encoder.map_or(String::new(), |weight| weight.to_string());
            let line = format!("{switch}\t{unet}\t{text_encoder}\t{}\t{address}\n", row.name);
            (!row.name.is_empty()).then_some(line)
        };
        self.rows.iter().chain(&self.absent).filter_map(line).collect()
    }

    /// Restores a shelf. Lines that are none of [`Shelf::to_text`] are left out.
    pub fn from_text(text: &str) -> Self {
        let mut shelf = Shelf::default();
        for line in text.lines() {
            let parts: Vec<&str> = line.split('\t').collect();
            let [switch, unet, text_encoder, name, address] = parts.as_slice() else { continue };
            let weight = |text: &str| text.parse().ok().filter(|weight: &f64| weight.is_finite());
            let Some(unet) = weight(unet) else { continue };
            let text_encoder = weight(text_encoder);
            let usage = Usage { is_on: *switch == "on", unet, text_encoder };
            let name = name.to_string();
            match address.strip_prefix(OWN) {
                Some(model) => {
                    let row = shelf.row(AdapterPlace::Own(model.to_string()), usage, name);
                    shelf.absent.push(row);
                }
                None => {
                    let row = shelf.row(AdapterPlace::Address(address.to_string()), usage, name);
                    shelf.rows.push(row);
                }
            }
        }
        shelf
    }
}

/// Returns a prompt with a trigger word at its end; `None` if it has the word already.
pub fn with_word(prompt: &str, word: &str) -> Option<String> {
    let has_it = prompt.split(',').any(|part| part.trim().eq_ignore_ascii_case(word));
    let prompt = prompt.trim_end().trim_end_matches(',');
    match (has_it, prompt.is_empty()) {
        (true, _) => None,
        (false, true) => Some(word.to_string()),
        (false, false) => Some(format!("{prompt}, {word}")),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
