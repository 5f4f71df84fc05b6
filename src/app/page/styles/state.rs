//! State of the styles: those that are saved, and those before the last change.

use crate::prompt::{Style, put_style};

/// The saved styles.
#[derive(Debug, Default)]
pub struct Styles {
    styles: Vec<Style>,
    /// The styles before the last change.
    before: Option<Vec<Style>>,
}

/// Why a style cannot have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unnamed {
    /// There is no name.
    Empty,
    /// Another style has it.
    Taken,
}

impl Styles {
    /// Creates it from those of earlier visits.
    pub fn new(styles: Vec<Style>) -> Self {
        Styles { styles, before: None }
    }

    /// Returns the styles in their order.
    pub fn list(&self) -> &[Style] {
        &self.styles
    }

    /// Saves a style. Returns whether it replaces another one of its name.
    ///
    /// # Errors
    /// If it has no name.
    pub fn save(&mut self, style: Style) -> Result<bool, Unnamed> {
        if style.name.is_empty() {
            return Err(Unnamed::Empty);
        }
        let replaces = self.has(&style.name);
        self.change(|styles| put_style(styles, style));
        Ok(replaces)
    }

    /// Gives a style another name. Returns whether it had another one.
    ///
    /// # Errors
    /// If the name is empty or that of another style.
    pub fn rename(&mut self, index: usize, name: &str) -> Result<bool, Unnamed> {
        if self.styles.get(index).is_none_or(|style| style.name == name) {
            return Ok(false);
        }
        match name.is_empty() {
            true => Err(Unnamed::Empty),
            false if self.has(name) => Err(Unnamed::Taken),
            false => {
                self.change(|styles| styles[index].name = name.to_string());
                Ok(true)
            }
        }
    }

    /// Removes a style, and returns it.
    pub fn remove(&mut self, index: usize) -> Option<Style> {
        let removed = self.styles.get(index).cloned()?;
        self.change(|styles| drop(styles.remove(index)));
        Some(removed)
    }

    /// Adds styles, in the place of those of their names.
    pub fn import(&mut self, imported: Vec<Style>) {
        self.change(|styles| imported.into_iter().for_each(|style| put_style(styles, style)));
    }

    /// Undoes the last change.
    pub fn undo(&mut self) {
        if let Some(before) = self.before.take() {
            self.styles = before;
        }
    }

    fn has(&self, name: &str) -> bool {
        self.styles.iter().any(|style| style.name == name)
    }

    fn change(&mut self, act: impl FnOnce(&mut Vec<Style>)) {
        self.before = Some(self.styles.clone());
        act(&mut self.styles);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Styles, Unnamed};
    use crate::prompt::Style;

    fn style(name: &str, prompt: &str) -> Style {
        Style { name: name.to_string(), prompt: prompt.to_string(), ..Style::default() }
    }

    fn texts(styles: &Styles) -> Vec<String> {
        styles.list().iter().map(|style| format!("{}={}", style.name, style.prompt)).collect()
    }

    #[test]
    fn saving_under_a_known_name_replaces_and_can_be_undone() {
        let mut styles = Styles::new(vec![style("ink", "a"), style("oil", "b")]);
        assert_eq!(styles.save(style("ink", "c")), Ok(true));
        assert_eq!(styles.save(style("new", "d")), Ok(false));
        assert_eq!(texts(&styles), ["ink=c", "oil=b", "new=d"]);
        styles.undo();
        styles.undo();
        assert_eq!(texts(&styles), ["ink=c", "oil=b"], "once only");
        assert_eq!(styles.save(style("", "x")), Err(Unnamed::Empty));
    }

    #[test]
    fn name_of_another_style_is_refused() {
        let mut styles = Styles::new(vec![style("ink", "a"), style("oil", "b")]);
        assert_eq!(styles.rename(0, "oil"), Err(Unnamed::Taken));
        assert_eq!(styles.rename(0, ""), Err(Unnamed::Empty));
        assert_eq!(styles.rename(0, "ink"), Ok(false));
        assert_eq!(styles.rename(0, "pen"), Ok(true));
        assert_eq!(texts(&styles), ["pen=a", "oil=b"]);
        styles.undo();
        assert_eq!(texts(&styles), ["ink=a", "oil=b"]);
    }

    #[test]
    fn removed_and_imported_styles_can_be_undone() {
        let mut styles = Styles::new(vec![style("ink", "a"), style("oil", "b")]);
        assert_eq!(styles.remove(0).unwrap().name, "ink");
        assert_eq!(styles.remove(5), None);
        styles.undo();
        styles.import(vec![style("oil", "c"), style("film", "d")]);
        assert_eq!(texts(&styles), ["ink=a", "oil=c", "film=d"]);
        styles.undo();
        assert_eq!(texts(&styles), ["ink=a", "oil=b"]);
    }
}
