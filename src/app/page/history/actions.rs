//! Earlier pictures: brought back, removed, varied, used as a beginning.

use crate::app::page::controller::Controller;
use crate::app::page::generation::Artwork;
use crate::app::page::history::{News, Refused};
use crate::app::page::model_panel::state::Loaded;
use crate::app::page::model_panel::wish::Wish;
use crate::app::protocol::ModelName;
use crate::app::words;

/// How many variations there are, unless the form says another number.
const VARIATIONS: u32 = 4;

impl Controller {
    /// Brings back an earlier picture and its settings.
    pub fn bring_back(&mut self, artwork: Artwork) {
        if self.jobs.is_running() {
            return;
        }
        let shown = self.parts.picture.show(&artwork);
        self.parts.form.restore(&artwork.entry.request);
        self.parts.earlier.mark(Some(&artwork.entry.key));
        self.tell_if_wrong(shown);
        self.weigh();
        self.start_afresh(words::settings_back);
        self.compare_model(artwork.entry.made_by.model.clone());
        self.shown = Some(artwork);
    }

    /// Removes a picture from the strip; if it is the one that is shown, the frame is empty.
    pub fn remove_picture(&mut self, key: String) {
        if self.shown.as_ref().is_some_and(|shown| shown.entry.key == key) {
            self.empty_the_frame();
        }
        self.parts.earlier.remove(key);
    }

    /// Removes the picture that is shown.
    pub fn remove_shown(&mut self) {
        if let (Some(shown), false) = (&self.shown, self.is_cancellable()) {
            self.remove_picture(shown.entry.key.clone());
        }
    }

    /// Removes all pictures.
    pub fn remove_all_pictures(&mut self) {
        self.empty_the_frame();
        self.parts.earlier.remove_all();
    }

    fn empty_the_frame(&mut self) {
        self.shown = None;
        self.parts.picture.clear();
    }

    /// Makes pictures with the settings of the one that is shown, and new seeds.
    pub fn vary(&mut self) {
        let (Some(shown), false) = (&self.shown, self.is_cancellable()) else { return };
        self.parts.form.restore(&shown.entry.request);
        self.parts.form.new_seed();
        let count = self.parts.form.pictures().ok().filter(|count| *count > 1);
        self.generate(Some(count.unwrap_or(VARIATIONS)));
    }

    /// Makes the next picture from the one that is shown.
    pub fn use_as_input(&mut self) {
        if let Some(shown) = &self.shown {
            let pixels = shown.pixels();
            self.start_from(pixels);
        }
    }

    /// Tells what became of the pictures.
    pub fn pictures_told(&mut self, news: News) {
        let news = match news {
            News::Same(found) => return self.bring_back((*found).into()),
            news => news,
        };
        self.note(move || match &news {
            News::Same(_) => String::new(),
            News::NotKept(Refused::Full) => words::not_kept_full(),
            News::NotKept(Refused::Newer) => words::not_kept_newer(),
            News::NotKept(Refused::Otherwise(reason)) => words::not_kept(words::clause(reason)),
            News::Gone => words::picture_gone(),
            News::NotRead(Refused::Otherwise(reason)) => {
                words::picture_not_read(words::clause(reason))
            }
            News::NotRead(Refused::Full | Refused::Newer) => words::not_kept_newer(),
        });
    }

    /// Says if a picture was made by another model than the one that is loaded, and how to get it.
    /// Where none is loaded yet, it is said as soon as one is.
    pub(in crate::app::page) fn compare_model(&mut self, made_with: ModelName) {
        let Some(Loaded { sheet, .. }) = self.model.loaded() else {
            self.made_with = Some(made_with);
            return;
        };
        if made_with.is_same(&sheet.identity) || made_with == ModelName::default() {
            return;
        }
        let (ModelName { name, place, .. }, loaded) = (made_with, sheet.name.clone());
        let is_somewhere = place.is_some();
        let message = move || match is_somewhere {
            true => words::made_with(&name, &loaded),
            false => words::made_with_nowhere(&name, &loaded),
        };
        self.parts.notes.say_of_model(message, place.as_deref());
    }

    /// Shows what the model at `place` takes.
    pub fn look_at_place(&mut self, place: &str) {
        self.open_panel();
        let wish = Wish::address(place, &self.base);
        self.look_at(wish);
    }
}
