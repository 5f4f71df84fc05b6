//! Labelled grid of images.

use super::font::{ADVANCE, HEIGHT, glyph};
use super::rgb_image::RgbImage;

/// Pixels of a label for each pixel of its letters.
const SCALE: usize = 2;

/// Gap between images and around labels, in pixels.
const GAP: usize = 8;

/// Height of a label, in pixels.
pub const LABEL_HEIGHT: usize = HEIGHT * SCALE;

/// Height of a line of labels with its gap.
const LINE: usize = LABEL_HEIGHT + GAP;

const WHITE: u8 = 255;
const BLACK: u8 = 0;

/// Largest number of columns of a grid that has nothing but columns; more of them are broken into lines.
const MOST_COLUMNS: usize = 6;

/// Labels of a grid: columns, rows, and groups of rows below one another. An axis without labels has
/// one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GridLabels {
    /// Above each column.
    pub columns: Vec<String>,
    /// Before each row.
    pub rows: Vec<String>,
    /// Above each group.
    pub groups: Vec<String>,
}

impl GridLabels {
    /// Returns the numbers of columns, rows and groups.
    pub fn counts(&self) -> [usize; 3] {
        [&self.columns, &self.rows, &self.groups].map(|labels| labels.len().max(1))
    }
}

/// Places in a grid: the left and top of each image and of each label, in pixels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GridLayout {
    /// Width and height.
    pub size: [usize; 2],
    /// Of the images, the columns of a row first, then the rows of a group.
    pub images: Vec<[usize; 2]>,
    /// Of the labels, with their texts.
    pub labels: Vec<([usize; 2], String)>,
}

impl GridLayout {
    /// Returns the layout for images of at most this width and height. `label_width` measures a label.
    pub fn new(
        [width, height]: [usize; 2],
        labels: &GridLabels,
        label_width: impl Fn(&str) -> usize,
    ) -> Self {
        let [columns, rows, groups] = labels.counts();
        let widest = labels.columns.iter().map(|label| label_width(label)).max().unwrap_or(0);
        let cell = [width.max(widest), height];
        let left = labels.rows.iter().map(|label| label_width(label) + GAP).max().unwrap_or(0);
        let above = if labels.columns.is_empty() { 0 } else { LINE };
        let title = if labels.groups.is_empty() { 0 } else { LINE };
        // Columns alone are broken into lines, each of which is laid out like a group.
        let per_line = match rows * groups {
            1 if columns > MOST_COLUMNS => (columns as f64).sqrt().ceil() as usize,
            _ => columns,
        };
        let blocks = groups * columns.div_ceil(per_line);
        let block = title + above + rows * (cell[1] + GAP);
        let mut layout = GridLayout {
            size: [GAP + left + per_line * (cell[0] + GAP), GAP + blocks * block],
            ..GridLayout::default()
        };
        for number in 0..blocks {
            let top = GAP + number * block;
            layout.label([GAP, top], labels.groups.get(number));
            let first = if groups == 1 { number * per_line } else { 0 };
            let in_line = first..columns.min(first + per_line);
            let x = |column: usize| GAP + left + (column - first) * (cell[0] + GAP);
            for column in in_line.clone() {
                layout.label([x(column), top + title], labels.columns.get(column));
            }
            for row in 0..rows {
                let y = top + title + above + row * (cell[1] + GAP);
                let middle = y + cell[1].saturating_sub(LABEL_HEIGHT) / 2;
                layout.label([GAP, middle], labels.rows.get(row));
                layout.images.extend(in_line.clone().map(|column| [x(column), y]));
            }
        }
        layout
    }

    fn label(&mut self, place: [usize; 2], label: Option<&String>) {
        self.labels.extend(label.map(|label| (place, label.clone())));
    }
}

impl RgbImage {
    /// Returns `images` in a grid, black on white, the columns of a row first, then the rows of a
    /// group. Places without an image stay white.
    pub fn grid(images: &[RgbImage], labels: &GridLabels) -> RgbImage {
        let largest = |side: fn(&RgbImage) -> usize| images.iter().map(side).max().unwrap_or(0);
        let cell = [largest(|image| image.width), largest(|image| image.height)];
        let layout = GridLayout::new(cell, labels, label_width);
        let [width, height] = layout.size;
        let mut grid = RgbImage { width, height, pixels: vec![WHITE; width * height * 3] };
        for (place, label) in &layout.labels {
            grid.write(*place, label);
        }
        for (image, place) in images.iter().zip(&layout.images) {
            grid.paste(*place, image);
        }
        grid
    }

    /// Writes a line of letters, black, from its top left.
    fn write(&mut self, [x, y]: [usize; 2], label: &str) {
        for (index, letter) in label.chars().enumerate() {
            for (column, bits) in glyph(letter).into_iter().enumerate() {
                for row in (0..HEIGHT).filter(|row| bits >> row & 1 == 1) {
                    let left = x + (index * ADVANCE + column) * SCALE;
                    let top = y + row * SCALE;
                    for at in 0..SCALE * SCALE {
                        self.set([left + at % SCALE, top + at / SCALE], [BLACK; 3]);
                    }
                }
            }
        }
    }

    fn paste(&mut self, [x, y]: [usize; 2], image: &RgbImage) {
        for (row, pixels) in image.pixels.chunks_exact(image.width.max(1) * 3).enumerate() {
            let start = ((y + row) * self.width + x) * 3;
            if let Some(place) = self.pixels.get_mut(start..start + pixels.len()) {
                place.copy_from_slice(pixels);
            }
        }
    }

    /// Sets a pixel, if it is inside.
    fn set(&mut self, [x, y]: [usize; 2], color: [u8; 3]) {
        if x < self.width
            && let Some(pixel) =
                self.pixels.get_mut((y * self.width + x) * 3..).and_then(<[u8]>::first_chunk_mut)
        {
            *pixel = color;
        }
    }
}

fn label_width(label: &str) -> usize {
    label.chars().count() * ADVANCE * SCALE
}

#[cfg(test)]
mod tests {
    use super::{GAP, GridLabels, LINE, RgbImage};

    fn image(value: u8) -> RgbImage {
        RgbImage { width: 40, height: 30, pixels: vec![value; 40 * 30 * 3] }
    }

    fn pixel(grid: &RgbImage, x: usize, y: usize) -> u8 {
        grid.pixels[(y * grid.width + x) * 3]
    }

    #[test]
    fn images_stand_in_the_order_of_columns_rows_and_groups() {
        let list = |texts: &[&str]| texts.iter().map(|text| text.to_string()).collect();
        let labels = GridLabels {
            columns: list(&["a", "b"]),
            rows: list(&["x", "y"]),
            groups: list(&["1", "2"]),
        };
        let images: Vec<RgbImage> = (1..=8).map(|number| image(number * 10)).collect();
        let grid = RgbImage::grid(&images, &labels);
        let left = GAP + 12 + GAP;
        let group = 2 * LINE + 2 * (30 + GAP);
        assert_eq!([grid.width, grid.height], [left + 2 * (40 + GAP), GAP + 2 * group]);
        for (index, [column, row, number]) in
            [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]]
                .into_iter()
                .enumerate()
        {
            let x = left + column * (40 + GAP);
            let y = GAP + number * group + 2 * LINE + row * (30 + GAP);
            assert_eq!(pixel(&grid, x, y), (index as u8 + 1) * 10);
            assert_eq!(pixel(&grid, x + 39, y + 29), (index as u8 + 1) * 10);
        }
    }

    #[test]
    fn columns_alone_are_broken_into_lines() {
        let columns = (0..8).map(|number| number.to_string()).collect();
        let labels = GridLabels { columns, ..GridLabels::default() };
        let images: Vec<RgbImage> = (1..=8).map(|number| image(number * 10)).collect();
        let grid = RgbImage::grid(&images, &labels);
        let line = LINE + 30 + GAP;
        assert_eq!([grid.width, grid.height], [GAP + 3 * (40 + GAP), GAP + 3 * line]);
        for (index, value) in (10..=80).step_by(10).enumerate() {
            let (x, y) = (GAP + index % 3 * (40 + GAP), GAP + LINE + index / 3 * line);
            assert_eq!([pixel(&grid, x, y), pixel(&grid, x + 39, y + 29)], [value; 2]);
            // Its label is above it.
            let label = (0..12).any(|column| pixel(&grid, x + column, GAP + index / 3 * line) == 0);
            assert!(label, "no label above {index}");
        }
        let few = GridLabels { columns: labels.columns[..6].to_vec(), ..labels };
        assert_eq!(RgbImage::grid(&images[..6], &few).height, GAP + line);
    }

    #[test]
    fn labels_are_black_and_without_labels_there_is_no_room_for_them() {
        let labels = GridLabels { columns: vec!["I".to_string()], ..GridLabels::default() };
        let grid = RgbImage::grid(&[image(9)], &labels);
        // The middle column of the letter, from its top to its seventh pixel.
        let stem: Vec<u8> = (0..16).map(|row| pixel(&grid, GAP + 4, GAP + row)).collect();
        assert_eq!(stem, [[0; 14].as_slice(), &[255; 2]].concat());
        assert_eq!(pixel(&grid, GAP, GAP), 255);
        let bare = RgbImage::grid(&[image(9)], &GridLabels::default());
        assert_eq!([bare.width, bare.height], [40 + 2 * GAP, 30 + 2 * GAP]);
    }
}
