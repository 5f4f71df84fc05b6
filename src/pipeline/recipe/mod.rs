//! How a picture was made, written into its PNG and read back: from Hearth's own files and from those
//! of programs that write as AUTOMATIC1111's web UI does.

mod json;
mod model;
mod parameters;
mod sampler;
mod settings;
mod texts;

pub use self::model::ModelIdentity;
pub use self::settings::{Recipe, StartRecipe};
pub use self::texts::{read, to_png, write};
