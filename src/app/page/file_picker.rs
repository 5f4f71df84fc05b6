//! Files that the user picks, drops or pastes.

use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry,
    HtmlElement, HtmlInputElement,
};

use super::init_image::is_picture;
use super::model_panel::selection::ModelSelection;
use crate::app::dom::{by_id, on};
use crate::app::message::PickedFile;
use crate::error::Result;

/// Extension of files of weights that can be read.
const WEIGHTS: &str = ".safetensors";

/// Extensions of checkpoint files, including unsupported ones, for which the worker reports an
/// error.
const MODEL_EXTENSIONS: [&str; 6] = [WEIGHTS, ".json", ".bin", ".ckpt", ".pt", ".pth"];

/// Extension of checkpoint files that are recognised only among others.
const TEXT_EXTENSION: &str = ".txt";

/// Extensions of texts: wildcards and styles.
const TEXT_EXTENSIONS: [&str; 2] = [TEXT_EXTENSION, ".csv"];

/// Largest text, in bytes: more than any list of words, less than what would stop the page.
const MAX_TEXT: f64 = 8e6;

/// Maximum number of files: more than any checkpoint has, fewer than a whole disk.
const MAX_FILES: usize = 2_000;

/// Kind of the opened files.
pub enum OpenedFiles {
    /// A model or some of its files, with a picture that lay beside them and in no folder.
    Model(Box<ModelSelection>, Option<File>),
    /// An image.
    Image(File),
    /// Texts: wildcards or styles.
    Texts(Vec<TextFile>),
    /// An unsupported file with this name.
    Unknown(String),
    /// A folder without supported files.
    Empty,
}

/// A text file with its path relative to the picked folder.
pub struct TextFile {
    /// Path.
    pub path: String,
    /// Content, with U+FFFD for what is no UTF-8.
    pub text: String,
}

/// Connects a button to a file input, which cannot be styled: `take` gets what is picked, with paths relative
/// to the picked folder's parent. It is not called if the user cancels.
pub fn connect(button: &str, input: &str, take: impl Fn(Vec<PickedFile>) + 'static) -> Result<()> {
    let (button, field): (HtmlElement, HtmlInputElement) = (by_id(button)?, by_id(input)?);
    let picker = field.clone();
    on(&button, "click", move |_| picker.click());
    let picker = field.clone();
    on(&field, "change", move |event| {
        event.stop_propagation(); // It is no setting of what it stands in.
        let files = picker.files().map(|list| files(&list)).unwrap_or_default();
        picker.set_value(""); // Allows picking the same files again.
        if !files.is_empty() {
            take(files);
        }
    });
    Ok(())
}

fn files(list: &FileList) -> Vec<PickedFile> {
    let files = (0..list.length()).filter_map(|index| list.get(index));
    let picked = files.map(|file| {
        // Empty for files that were picked without a folder.
        let path = Reflect::get(&file, &"webkitRelativePath".into()).ok();
        let path = path.and_then(|path| path.as_string()).filter(|path| !path.is_empty());
        (path.unwrap_or_else(|| file.name()), file)
    });
    picked.collect()
}

/// Reads texts. Those that cannot be read, or are far too long, are left out.
pub async fn read_texts(files: Vec<PickedFile>) -> Vec<TextFile> {
    let mut texts = Vec::new();
    for (path, file) in files {
        if file.size() <= MAX_TEXT
            && let Ok(text) = JsFuture::from(file.text()).await
        {
            texts.push(TextFile { path, text: text.as_string().unwrap_or_default() });
        }
    }
    texts
}

/// Returns whether files are being dragged.
pub fn has_files(transfer: &DataTransfer) -> bool {
    transfer.types().iter().any(|kind| kind == "Files")
}

/// Returns the pasted image, if any.
pub fn pasted_image(transfer: &DataTransfer) -> Option<File> {
    let files = transfer.files()?;
    let files: Vec<File> = (0..files.length()).filter_map(|index| files.get(index)).collect();
    if files.iter().any(|file| is_of_model(&file.name())) {
        return None;
    }
    files.into_iter().find(is_picture)
}

/// Returns the dropped entries. Must be called inside the event handler: the browser clears them
/// afterwards.
pub fn from_drop(transfer: &DataTransfer) -> Dropped {
    let items = transfer.items();
    let (mut entries, mut files) = (Vec::new(), Vec::new());
    for item in (0..items.length()).filter_map(|index| items.get(index)) {
        match item.webkit_get_as_entry().ok().flatten() {
            Some(entry) => entries.push(entry),
            // A file without an entry, for instance one that a program generated.
            None => files.extend(item.get_as_file().ok().flatten()),
        }
    }
    Dropped { entries, files }
}

/// Dropped files and folders, not listed yet.
pub struct Dropped {
    entries: Vec<FileSystemEntry>,
    files: Vec<File>,
}

impl Dropped {
    /// Lists all files. A folder with a model and example images is a model.
    pub async fn list(self) -> OpenedFiles {
        let names = self.entries.iter().map(FileSystemEntry::name);
        let name = names.chain(self.files.iter().map(File::name)).next();
        let mut may_be_model = self.entries.iter().any(FileSystemEntry::is_directory);
        let mut waiting = self.entries;
        let mut found: Vec<(String, File)> =
            self.files.into_iter().map(|file| (file.name(), file)).collect();
        while let Some(entry) = waiting.pop() {
            if found.len() > MAX_FILES || entry.name().starts_with('.') {
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
        let is_beside = |(path, file): &&(String, File)| !path.contains('/') && is_picture(file);
        let beside = found.iter().find(is_beside).map(|(_, file)| file.clone());
        let has_weights = found.iter().any(|(path, _)| is_of_model(path));
        let is_text = |path: &str| {
            let path = path.to_lowercase();
            TEXT_EXTENSIONS.iter().any(|end| path.ends_with(end))
        };
        if !has_weights && picture.is_none() && found.iter().any(|(path, _)| is_text(path)) {
            let folder = common_folder(found.iter().map(|(path, _)| path.as_str()));
            let start = folder.map_or(0, |folder| folder.len() + 1);
            let texts = found.iter().filter(|(path, _)| is_text(path));
            let texts = texts.map(|(path, file)| (path[start..].to_string(), file.clone()));
            return OpenedFiles::Texts(read_texts(texts.take(MAX_FILES).collect()).await);
        }
        may_be_model |= has_weights;
        let selection = if may_be_model { selection(found) } else { None };
        match (selection, picture, name) {
            (Some(selection), ..) => OpenedFiles::Model(selection.into(), beside),
            (None, Some(picture), _) => OpenedFiles::Image(picture),
            (None, None, Some(name)) if !may_be_model => OpenedFiles::Unknown(name),
            (None, None, _) => OpenedFiles::Empty,
        }
    }
}

async fn file(entry: &FileSystemFileEntry) -> Option<File> {
    let promise = Promise::new(&mut |done, failed| {
        entry.file_with_callback_and_callback(&done, &failed);
    });
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

/// Lists a folder. The browser returns the entries in batches, the last of which is empty.
async fn entries(folder: &FileSystemDirectoryEntry) -> Vec<FileSystemEntry> {
    let reader = folder.create_reader();
    let mut all = Vec::new();
    loop {
        let promise = Promise::new(&mut |done, failed| {
            if reader.read_entries_with_callback_and_callback(&done, &failed).is_err() {
                let _ = failed.call0(&JsValue::UNDEFINED);
            }
        });
        let batch: Array = match JsFuture::from(promise).await {
            Ok(batch) => batch.unchecked_into(),
            Err(_) => return all,
        };
        if batch.length() == 0 {
            return all;
        }
        all.extend(batch.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
}

/// Returns the files as one model; `None` if no file belongs to a checkpoint.
pub fn selection(files: Vec<PickedFile>) -> Option<ModelSelection> {
    let files: Vec<PickedFile> =
        files.into_iter().filter(|(path, _)| is_wanted(path)).take(MAX_FILES).collect();
    let name = common_folder(files.iter().map(|(path, _)| path.as_str()));
    let name = name.or_else(|| files.first().map(|(path, _)| path.as_str()))?.to_string();
    Some(ModelSelection::picked(name, files))
}

/// Returns the folder that contains all paths.
fn common_folder<'a>(mut paths: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let (folder, _) = paths.next()?.split_once('/')?;
    let is_inside =
        |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    paths.all(is_inside).then_some(folder)
}

/// Returns whether a file has weights that can be read.
pub fn is_weights(path: &str) -> bool {
    path.to_lowercase().ends_with(WEIGHTS)
}

/// Returns whether these are several files of weights, and no folder: a checkpoint is one file or a folder.
pub fn are_separate(files: &[PickedFile]) -> bool {
    let weights = files.iter().filter(|(path, _)| is_weights(path)).count();
    weights > 1 && files.iter().all(|(path, _)| !path.contains('/'))
}

/// Returns whether a file outside a folder may be a model.
fn is_of_model(path: &str) -> bool {
    let path = path.to_lowercase();
    MODEL_EXTENSIONS.iter().any(|end| path.ends_with(end))
}

fn is_wanted(path: &str) -> bool {
    let is_hidden = path.split('/').any(|part| part.starts_with('.'));
    !is_hidden && (is_of_model(path) || path.to_lowercase().ends_with(TEXT_EXTENSION))
}

#[cfg(test)]
mod tests {
    use super::{common_folder, is_of_model, is_wanted};

    #[test]
    fn common_folder_of_all_files_names_model() {
        fn name<'a>(paths: &[&'a str]) -> Option<&'a str> {
            common_folder(paths.iter().copied())
        }
        assert_eq!(name(&["m/a.json", "m/unet/b.json"]), Some("m"));
        assert_eq!(name(&["m/a.json", "mm/b.json"]), None);
        assert_eq!(name(&["a.safetensors"]), None);
        assert_eq!(name(&[]), None);
    }

    #[test]
    fn only_checkpoint_files_are_accepted() {
        assert!(is_wanted("m/unet/x.SAFETENSORS"));
        assert!(is_wanted("m/tokenizer/merges.txt"));
        assert!(!is_wanted("m/.git/config.json"));
        assert!(!is_wanted("m/picture.png"));
        assert!(is_of_model("MODEL.ckpt"));
        assert!(!is_of_model("note.txt"));
    }
}
