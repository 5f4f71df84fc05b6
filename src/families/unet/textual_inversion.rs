//! Textual inversions for the text encoders of a model.

use std::rc::Rc;

use super::family::UNetFamily;
use crate::error::{Error, Message, Result, messages};
use crate::prompt::TextualInversion;
use crate::weights::Source;
use crate::weights::textual_inversion::{EmbeddingFile, read};

/// Text encoders for which textual inversions are read.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddingTarget {
    /// Name of the family, for messages.
    model: Message,
    /// Width of each encoder's vectors.
    widths: Vec<usize>,
}

impl UNetFamily {
    /// Returns its text encoders as those for which textual inversions are read.
    pub fn embedding_target(&self) -> EmbeddingTarget {
        let widths = self.text_encoders.iter().map(|encoder| encoder.config.hidden_size);
        EmbeddingTarget { model: self.kind(), widths: widths.collect() }
    }
}

impl EmbeddingTarget {
    /// Reads the file at `source`, which is a single file. Its name is that of the file without the
    /// ending unless the file says another word.
    ///
    /// # Errors
    /// As [`read`] and [`fit`](Self::fit).
    pub async fn open(&self, source: &impl Source) -> Result<TextualInversion> {
        let file = source.single_file().unwrap_or_default().to_string();
        let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        self.fit(name, read(source, &file).await?)
    }

    /// Returns the textual inversion of a file, named `name` unless the file says another word.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if it lacks vectors for a text encoder, or they are of another width; the
    /// error names both widths.
    pub fn fit(&self, name: &str, file: EmbeddingFile) -> Result<TextualInversion> {
        let EmbeddingFile { word, vectors, hash } = file;
        let name = word.unwrap_or_else(|| name.to_string());
        let width = |vectors: &Vec<Rc<[f32]>>| vectors.first().map_or(0, |vector| vector.len());
        let own: Vec<usize> = vectors.iter().map(width).collect();
        if own == self.widths {
            return Ok(TextualInversion { name, vectors, hash });
        }
        let list =
            |widths: &[usize]| widths.iter().map(usize::to_string).collect::<Vec<_>>().join(" + ");
        Err(Error::Unsupported {
            path: name,
            what: messages::vectors_of_width(list(&own)),
            remedy: messages::embeddings_that_fit(self.model.clone(), list(&self.widths)),
        })
    }
}
