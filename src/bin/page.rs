//! The page's program. The engine is a program of its own (`worker`), so this one stays small.

fn main() {
    hearth::app::page::start();
}
