//! The section of the form in which a picture to start from is chosen and masked.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::super::dom::forgive;
use super::super::protocol::{Pixels, Start};
use super::super::surface::Surface;
use super::super::words;
use super::controls::Controls;
use super::easel::Easel;
use super::fitting::{Fit, Placement};
use super::mask::{Area, Mask, Point};
use super::painter::Painter;
use super::source;
use crate::error::{Error, Result};

/// Everything about it.
pub struct Section {
    controls: Controls,
    easel: Easel,
    source: Option<Surface>,
    painter: Painter,
    /// The size that is asked for.
    size: (u32, u32),
    /// How many pictures were asked for; only the last one counts.
    asked: u32,
}

/// The picture.
impl Section {
    /// Finds it in the page.
    pub fn bind() -> Result<Self> {
        let size = (128, 128);
        let painter = Painter::new(Placement::new(size, size, Fit::Crop));
        let mut section = Section {
            controls: Controls::bind()?,
            easel: Easel::bind()?,
            source: None,
            painter,
            size,
            asked: 0,
        };
        section.use_mask(false);
        section.controls.padding_edited();
        Ok(section)
    }

    /// Takes a picture in, without a mask.
    pub fn take(&mut self, source: Surface) -> Result<()> {
        self.asked += 1;
        forgive("start-file");
        forgive("start-choose");
        let placement = Placement::new(source.size(), self.size, self.controls.fit());
        self.painter.begin_anew(placement);
        self.source = Some(source);
        self.controls.has_picture(true);
        self.place()
    }

    /// Starts from noise again.
    pub fn remove(&mut self) {
        self.asked += 1;
        if self.source.take().is_none() {
            return;
        }
        self.controls.has_picture(false);
        for id in ["start-file", "start-choose", "start-mask", "strength", "mask-padding"] {
            forgive(id);
        }
        self.controls.say(&words::start_removed());
    }

    /// Lays the picture onto another size.
    pub fn fit_to(&mut self, size: (u32, u32)) -> Result<()> {
        if self.size == size {
            return Ok(());
        }
        self.size = size;
        self.place()
    }

    /// Another way to fit it was chosen.
    pub fn place(&mut self) -> Result<()> {
        let Some(source) = &self.source else { return Ok(()) };
        let placement = Placement::new(source.size(), self.size, self.controls.fit());
        self.easel.show(source, &placement)?;
        self.painter.fit(placement);
        self.show_painted(self.painter.mask().whole())?;
        // How wide it is, and may be, goes by the size.
        self.show_brush();
        Ok(())
    }

    /// What the engine is told.
    pub fn read(&self) -> Result<Option<Start>> {
        if self.source.is_none() {
            return Ok(None);
        }
        let mask = self.controls.masks().then(|| self.painter.mask());
        if mask.is_some_and(|mask| mask.share() == 0.0) {
            return Err(Error::InvalidRequest {
                field: "mask",
                value: "empty".into(),
                reason: "paint over what shall change, or choose to change all of it".into(),
            });
        }
        Ok(Some(Start {
            image: self.easel.pixels()?,
            mask: mask.map(|mask| mask.bytes().to_vec().into()),
            strength: self.controls.strength()?,
            padding: if mask.is_some() { self.controls.padding()? } else { None },
        }))
    }

    /// Brings back what an earlier picture was made from.
    pub fn restore(&mut self, start: &Start) -> Result<()> {
        let size = (start.image.width, start.image.height);
        self.size = size;
        self.controls.set_fit(Fit::Crop);
        self.take(source::of_pixels(&start.image)?)?;
        if let Some(mask) = start.mask.as_ref().and_then(|bytes| Mask::from_bytes(size, bytes)) {
            self.painter.restore(mask);
        }
        self.use_mask(start.mask.is_some());
        self.controls.set_strength(start.strength);
        self.controls.set_padding(start.padding);
        self.controls.open();
        self.show_painted(self.painter.mask().whole())
    }

    /// Takes a result in as what to start from.
    pub fn use_result(&mut self, pixels: &Pixels) -> Result<()> {
        self.take(source::of_pixels(pixels)?)?;
        self.controls.go_to();
        Ok(())
    }

    fn show_painted(&self, area: Area) -> Result<()> {
        self.controls.show_history(self.painter.has());
        self.easel.tint(self.painter.mask(), area)
    }
}

/// The mask.
impl Section {
    /// Chooses whether only what is painted over is to change.
    pub fn use_mask(&mut self, masks: bool) {
        self.controls.set_masks(masks);
        self.easel.paintable(masks);
        self.show_brush();
        forgive("start-mask");
    }

    /// A stroke begins. `pointer`: with that one; else by key.
    pub fn begin_stroke(&mut self, point: Point, pointer: Option<i32>) -> Result<()> {
        if let Some(pointer) = pointer {
            self.easel.hold(pointer);
        }
        forgive("start-mask");
        self.show_ring(point);
        let area = self.painter.begin(point);
        self.show_painted(area)
    }

    /// The brush is moved, painting if a stroke is under way.
    pub fn move_brush(&mut self, points: Vec<Point>) -> Result<()> {
        if let Some(last) = points.last() {
            self.show_ring(*last);
        }
        let area = self.painter.pass(points);
        self.easel.tint(self.painter.mask(), area)
    }

    /// The brush is moved by key.
    pub fn step(&mut self, steps: Point) -> Result<()> {
        let point = self.easel.beside(steps);
        self.move_brush(vec![point])?;
        let (across, down) = self.easel.whereabouts();
        self.controls.say(&words::brush_at(across, down));
        Ok(())
    }

    /// The stroke ends, if there is one.
    pub fn end_stroke(&mut self) -> Result<()> {
        if !self.painter.is_painting() {
            return Ok(());
        }
        let area = self.painter.end();
        self.say_share();
        self.show_painted(area)
    }

    /// One of the buttons, or its key.
    pub fn act(&mut self, tool: &str) -> Result<()> {
        forgive("start-mask");
        match tool {
            "brush" => self.painter.set_eraser(false),
            "eraser" => self.painter.set_eraser(true),
            "other" => self.painter.set_eraser(!self.painter.brush().erases),
            "smaller" => self.resize_brush(0.8, -1),
            "larger" => self.resize_brush(1.25, 1),
            "undo" => drop(self.painter.undo()),
            "redo" => drop(self.painter.redo()),
            "invert" => self.painter.invert(),
            "fill" => self.painter.fill(),
            "clear" => self.painter.clear(),
            _ => return Ok(()),
        }
        let brush = self.painter.brush();
        match tool {
            "brush" | "eraser" | "other" if brush.erases => {
                self.controls.say(&words::eraser_taken());
            }
            "brush" | "eraser" | "other" => self.controls.say(&words::brush_taken()),
            "smaller" | "larger" => self.controls.say(&words::pixels(brush.diameter)),
            _ => self.say_share(),
        }
        self.show_brush();
        self.show_painted(self.painter.mask().whole())
    }

    /// The slider for the brush was moved.
    pub fn diameter_edited(&mut self) {
        self.painter.set_diameter(self.controls.diameter());
        self.show_brush();
    }

    /// Whether the brush takes away.
    pub fn erases(&self) -> bool {
        self.painter.brush().erases
    }

    /// Where the brush is.
    pub fn cursor(&self) -> Point {
        self.easel.cursor()
    }

    /// The easel, for what concerns only itself.
    pub fn easel(&self) -> &Easel {
        &self.easel
    }

    /// The page speaks another language now.
    pub fn speak(&mut self) {
        self.controls.speak();
        self.show_brush();
    }

    /// Says what went wrong with the picture, if something did.
    pub fn tell(&self, done: Result<()>) {
        self.controls.tell(done);
    }

    /// The controls, for what concerns only themselves.
    pub fn controls(&mut self) -> &mut Controls {
        &mut self.controls
    }

    fn resize_brush(&mut self, times: f64, least: i32) {
        let now = self.painter.brush().diameter;
        let next = (f64::from(now) * times).round() as u32;
        let next = if next == now { now.saturating_add_signed(least) } else { next };
        self.painter.set_diameter(next);
    }

    fn show_brush(&mut self) {
        self.controls.show_brush(self.painter.brush(), self.painter.largest_diameter());
        self.show_ring(self.easel.cursor());
    }

    fn show_ring(&mut self, point: Point) {
        let brush = self.painter.brush();
        self.easel.point_at(point, brush.diameter, brush.erases);
    }

    fn say_share(&self) {
        let percent = (self.painter.mask().share() * 100.0).round() as u32;
        self.controls.say(&words::mask_covers(percent));
    }
}

/// Reads a file and takes its picture in; if it holds none, says so and changes nothing.
pub fn open(section: &Rc<RefCell<Section>>, file: File) {
    let ticket = {
        let mut section = section.borrow_mut();
        section.asked += 1;
        section.controls.open();
        // The same complaint about the next file is a new one, and spoken again.
        forgive("start-file");
        section.asked
    };
    let section = Rc::clone(section);
    spawn_local(async move {
        let decoded = source::decode(&file).await;
        let mut section = section.borrow_mut();
        if section.asked != ticket {
            return; // Another one was asked for meanwhile.
        }
        match decoded.and_then(|source| section.take(source)) {
            Ok(()) => section.controls.say(&words::start_taken()),
            Err(_) => {
                let name = file.name();
                section.controls.complain(move || words::start_unreadable(&name));
            }
        }
    });
}
