//! Files from the user's disk: picked in a dialogue, or dropped onto the page.

use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry,
};

use super::init_image::is_picture;
use crate::app::message::PickedFile;
use crate::app::page::model_panel::wish::Wish;

/// What checkpoints are made of, and what is taken for one by mistake: the engine says so.
const ENDS: [&str; 6] = [".safetensors", ".json", ".bin", ".ckpt", ".pt", ".pth"];

/// What belongs to a checkpoint among other files of it: alone it is any text.
const TEXT: &str = ".txt";

/// More files than any checkpoint has: somebody picked a whole disk.
const MOST: usize = 2_000;

/// What files are.
pub enum Found {
    /// A model, or parts of one.
    Model(Wish),
    /// A picture.
    Picture(File),
    /// Neither: a file of this name.
    Stray(String),
    /// Nothing of use, in a folder.
    Nothing,
}

/// The picture that a file dialogue gave; nothing if it was closed.
pub fn opened(list: Option<FileList>) -> Option<Found> {
    Some(Found::Picture(list?.get(0)?))
}

/// What a file dialogue gave; nothing if it was closed, or holds no file of a checkpoint.
pub fn from_dialogue(list: Option<FileList>) -> Option<Wish> {
    let list = list?;
    let files = (0..list.length()).filter_map(|index| list.get(index));
    wish(files.map(|file| {
        // Empty for files that were picked one by one.
        let path = Reflect::get(&file, &"webkitRelativePath".into()).ok();
        let path = path.and_then(|path| path.as_string()).filter(|path| !path.is_empty());
        (path.unwrap_or_else(|| file.name()), file)
    }))
}

/// Something of files is being dragged.
pub fn has_files(transfer: &DataTransfer) -> bool {
    transfer.types().iter().any(|kind| kind == "Files")
}

/// The picture in what was pasted.
pub fn picture(transfer: &DataTransfer) -> Option<File> {
    let files = transfer.files()?;
    let files: Vec<File> = (0..files.length()).filter_map(|index| files.get(index)).collect();
    if files.iter().any(|file| is_of_model(&file.name())) {
        return None;
    }
    files.into_iter().find(is_picture)
}

/// What was dropped. Must be called in the event itself: afterwards the browser forgets it.
pub fn dropped(transfer: &DataTransfer) -> Dropped {
    let items = transfer.items();
    let (mut entries, mut files) = (Vec::new(), Vec::new());
    for item in (0..items.length()).filter_map(|index| items.get(index)) {
        match item.webkit_get_as_entry().ok().flatten() {
            Some(entry) => entries.push(entry),
            // A file that lies in no folder, as one that a program made.
            None => files.extend(item.get_as_file().ok().flatten()),
        }
    }
    Dropped { entries, files }
}

/// Files and folders that were dropped and are yet to be listed.
pub struct Dropped {
    entries: Vec<FileSystemEntry>,
    files: Vec<File>,
}

impl Dropped {
    /// Lists the files in the folders. A folder with a model and its example pictures is a model.
    pub async fn list(self) -> Found {
        let names = self.entries.iter().map(FileSystemEntry::name);
        let name = names.chain(self.files.iter().map(File::name)).next();
        let mut may_be_model = self.entries.iter().any(FileSystemEntry::is_directory);
        let mut waiting = self.entries;
        let mut found: Vec<(String, File)> =
            self.files.into_iter().map(|file| (file.name(), file)).collect();
        while let Some(entry) = waiting.pop() {
            if found.len() > MOST || entry.name().starts_with('.') {
                continue;
            }
            if entry.is_directory() {
                waiting.extend(entries(entry.unchecked_ref()).await);
            } else {
                let path = entry.full_path().trim_start_matches('/').to_string();
                found.extend(file(entry.unchecked_ref()).await.map(|file| (path, file)));
            }
        }
        let picture = found.iter().map(|(_, file)| file).find(|file| is_picture(file)).cloned();
        may_be_model |= found.iter().any(|(path, _)| is_of_model(path));
        let wish = if may_be_model { wish(found.into_iter()) } else { None };
        match (wish, picture, name) {
            (Some(wish), ..) => Found::Model(wish),
            (None, Some(picture), _) => Found::Picture(picture),
            (None, None, Some(name)) if !may_be_model => Found::Stray(name),
            (None, None, _) => Found::Nothing,
        }
    }
}

async fn file(entry: &FileSystemFileEntry) -> Option<File> {
    let asked = Promise::new(&mut |done, failed| {
        entry.file_with_callback_and_callback(&done, &failed);
    });
    JsFuture::from(asked).await.ok()?.dyn_into().ok()
}

/// What is in a folder. The browser tells it in portions, the last of which is empty.
async fn entries(folder: &FileSystemDirectoryEntry) -> Vec<FileSystemEntry> {
    let reader = folder.create_reader();
    let mut all = Vec::new();
    loop {
        let asked = Promise::new(&mut |done, failed| {
            if reader.read_entries_with_callback_and_callback(&done, &failed).is_err() {
                let _ = failed.call0(&JsValue::UNDEFINED);
            }
        });
        let portion: Array = match JsFuture::from(asked).await {
            Ok(portion) => portion.unchecked_into(),
            Err(_) => return all,
        };
        if portion.length() == 0 {
            return all;
        }
        all.extend(portion.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
}

/// The files as one model.
fn wish(files: impl Iterator<Item = (String, File)>) -> Option<Wish> {
    let files: Vec<PickedFile> = files.filter(|(path, _)| is_wanted(path)).take(MOST).collect();
    let name = common_folder(files.iter().map(|(path, _)| path.as_str()));
    let name = name.or_else(|| files.first().map(|(path, _)| path.as_str()))?.to_string();
    Some(Wish::picked(name, files))
}

/// The folder that all paths begin with.
fn common_folder<'a>(mut paths: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let (folder, _) = paths.next()?.split_once('/')?;
    let is_inside =
        |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    paths.all(is_inside).then_some(folder)
}

/// Whether a file that lies in no folder may be a model.
fn is_of_model(path: &str) -> bool {
    let path = path.to_lowercase();
    ENDS.iter().any(|end| path.ends_with(end))
}

fn is_wanted(path: &str) -> bool {
    let is_hidden = path.split('/').any(|part| part.starts_with('.'));
    !is_hidden && (is_of_model(path) || path.to_lowercase().ends_with(TEXT))
}

#[cfg(test)]
mod tests {
    use super::{common_folder, is_of_model, is_wanted};

    #[test]
    fn a_folder_that_holds_everything_is_the_models_name() {
        fn name<'a>(paths: &[&'a str]) -> Option<&'a str> {
            common_folder(paths.iter().copied())
        }
        assert_eq!(name(&["m/a.json", "m/unet/b.json"]), Some("m"));
        assert_eq!(name(&["m/a.json", "mm/b.json"]), None);
        assert_eq!(name(&["a.safetensors"]), None);
        assert_eq!(name(&[]), None);
    }

    #[test]
    fn only_files_of_checkpoints_are_taken() {
        assert!(is_wanted("m/unet/x.SAFETENSORS"));
        assert!(is_wanted("m/tokenizer/merges.txt"));
        assert!(!is_wanted("m/.git/config.json"));
        assert!(!is_wanted("m/picture.png"));
        assert!(is_of_model("MODEL.ckpt"));
        assert!(!is_of_model("note.txt"));
    }
}
