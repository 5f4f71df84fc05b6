//! A picture is drawn as a [`Placement`] says.

use super::super::surface::{Ground, Part, Surface};
use super::fitting::Placement;
use crate::error::Result;

/// Gives `canvas` the size of `placement` and draws `picture` onto it as that says, on white.
pub fn place(picture: &Surface, placement: &Placement, canvas: &Surface) -> Result<()> {
    let Placement { from, onto, size } = *placement;
    canvas.resize(size);
    canvas.fill(Ground::White);
    let halvings = placement.halvings();
    if halvings == 0 {
        canvas.draw(picture, from, onto)?;
    } else {
        let times = |halvings: u32| {
            let times = f64::from(1u32 << halvings);
            Part { x: 0.0, y: 0.0, width: onto.width * times, height: onto.height * times }
        };
        let part_size = |part: Part| (part.width as u32, part.height as u32);
        let mut larger = Surface::new(part_size(times(halvings)))?;
        larger.draw(picture, from, times(halvings))?;
        for left in (1..halvings).rev() {
            let next = Surface::new(part_size(times(left)))?;
            next.draw(&larger, times(left + 1), times(left))?;
            larger = next;
        }
        canvas.draw(&larger, times(1), onto)?;
    }
    draw_out(canvas, onto)
}

/// Draws the outermost pixels of what lies at `onto` out to the edges.
fn draw_out(canvas: &Surface, onto: Part) -> Result<()> {
    let (width, height) = canvas.size();
    let (width, height) = (f64::from(width), f64::from(height));
    let (right, bottom) = (onto.x + onto.width, onto.y + onto.height);
    let part = |x, y, width, height| Part { x, y, width, height };
    let margins = [
        (part(onto.x, 0.0, 1.0, height), part(0.0, 0.0, onto.x, height)),
        (part(right - 1.0, 0.0, 1.0, height), part(right, 0.0, width - right, height)),
        (part(0.0, onto.y, width, 1.0), part(0.0, 0.0, width, onto.y)),
        (part(0.0, bottom - 1.0, width, 1.0), part(0.0, bottom, width, height - bottom)),
    ];
    for (line, margin) in margins {
        if margin.width > 0.0 && margin.height > 0.0 {
            canvas.stretch(line, margin)?;
        }
    }
    Ok(())
}
