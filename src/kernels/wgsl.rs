//! Generated part of a kernel's WGSL.
//!
//! Bindings, the functions through which a body reads and writes them, and the constants.

use std::fmt::Write;
use std::hash::{Hash, Hasher};

use super::unroll::unroll;

/// The storage format of an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Storage {
    /// f32.
    F32,
    /// f16 on a device with `shader-f16`.
    F16,
    /// f16 on a device without it: two in a 32-bit word, unpacked when read.
    PackedF16,
    /// The operand is absent; reading gives zeros.
    Absent,
    /// Raw 32-bit words: no functions are generated; the array has the operand's name.
    Words,
}

/// A tensor that a kernel reads or writes, as far as the WGSL depends on it.
#[derive(Debug, Clone)]
pub(super) struct Operand {
    pub name: &'static str,
    pub storage: Storage,
    /// It is only read four numbers at a time, at multiples of four.
    pub aligned: bool,
    pub written: bool,
}

/// A WGSL constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Constant {
    U32(u32),
    Bool(bool),
}

impl From<u32> for Constant {
    fn from(value: u32) -> Self {
        Constant::U32(value)
    }
}

impl From<bool> for Constant {
    fn from(value: bool) -> Self {
        Constant::Bool(value)
    }
}

/// The source of a pipeline, and its key: every launch looks its pipeline up by this. Comparison
/// and hash read no text: a body is launched from one place, which adds the same names in the same
/// order.
#[derive(Debug, Clone)]
pub(super) struct Shader {
    pub name: &'static str,
    pub body: &'static str,
    pub constants: Vec<(&'static str, Constant)>,
    /// In binding order.
    pub operands: Vec<Operand>,
    /// Loops to unroll: the bound as it is spelled, and its value.
    pub unrolled: Vec<(&'static str, u32)>,
    /// The type of tiles in workgroup memory: f16 or f32; `None` without tiles.
    pub tile_f16: Option<bool>,
    /// Members of the uniform `Info`, all `u32`: sizes, which differ between launches.
    pub info: Vec<&'static str>,
}

impl PartialEq for Shader {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.body, other.body)
            && self.tile_f16 == other.tile_f16
            && self
                .constants
                .iter()
                .map(|(_, value)| value)
                .eq(other.constants.iter().map(|(_, value)| value))
            && self
                .operands
                .iter()
                .map(Operand::layout)
                .eq(other.operands.iter().map(Operand::layout))
    }
}

impl Eq for Shader {}

impl Hash for Shader {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let constants = self.constants.iter().map(|(_, value)| match value {
            Constant::U32(value) => *value,
            Constant::Bool(value) => u32::from(*value),
        });
        let layouts = self.operands.iter().map(|operand| {
            let (storage, aligned) = operand.layout();
            2 * storage as u32 + u32::from(aligned)
        });
        // Folded into one number, since each write to a hasher is slow.
        let all = constants.chain(layouts).chain([self.body.len() as u32]);
        const FACTOR: u64 = 0x517c_c1b7_2722_0a95; // rustc's FxHash
        let fold = |hash: u64, value| (hash.rotate_left(5) ^ u64::from(value)).wrapping_mul(FACTOR);
        state.write_u64(all.fold(0, fold));
    }
}

impl Shader {
    /// Returns the whole WGSL.
    pub fn source(&self) -> String {
        let mut text = String::new();
        // Writing into a string cannot fail.
        let _ = self.write(&mut text);
        text + &unroll(&without_comments(self.body), &self.unrolled)
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        if self.operands.iter().any(|operand| operand.storage == Storage::F16) {
            writeln!(text, "enable f16;")?;
        }
        for (name, value) in &self.constants {
            match value {
                Constant::U32(value) => writeln!(text, "const {name}: u32 = {value}u;")?,
                Constant::Bool(value) => writeln!(text, "const {name}: bool = {value};")?,
            }
        }
        if let Some(is_f16) = self.tile_f16 {
            let number = if is_f16 { "f16" } else { "f32" };
            writeln!(text, "alias tile = {number};\nalias tile4 = vec4<{number}>;")?;
        }
        // An absent operand has the type of the first.
        let first = self.operands.first().map_or(Storage::F32, |operand| operand.storage);
        let raw = self.tile_f16.map(|_| first);
        let mut binding = 0;
        for operand in &self.operands {
            operand.write(binding, raw, text)?;
            binding += u32::from(operand.storage != Storage::Absent);
        }
        let members: String = self.info.iter().map(|name| format!(" {name}: u32,")).collect();
        writeln!(text, "struct Info {{{members} }}")?;
        writeln!(text, "@group(0) @binding({binding}) var<uniform> info: Info;")
    }
}

/// Returns `text` without comments, indentation and empty lines.
fn without_comments(text: &str) -> String {
    let code = |line: &str| line.split("//").next().unwrap_or_default().trim().to_string();
    text.lines().map(code).filter(|line| !line.is_empty()).map(|line| line + "\n").collect()
}

impl Operand {
    /// Returns what differs between launches of a kernel.
    fn layout(&self) -> (Storage, bool) {
        (self.storage, self.aligned)
    }

    fn write(&self, binding: u32, raw: Option<Storage>, text: &mut String) -> std::fmt::Result {
        let Operand { name, storage, aligned, written } = self;
        let has = *storage != Storage::Absent;
        writeln!(text, "const HAS_{}: bool = {has};", name.to_uppercase())?;
        if !has {
            return self.write_load(raw, text);
        }
        // Natively several tensors share one buffer, and a buffer may not be bound read-only and
        // writable in one dispatch: there everything is bound as read_write.
        let access = if *written || !cfg!(target_family = "wasm") { "read_write" } else { "read" };
        let element = match (storage, aligned) {
            (Storage::F32, true) => "vec4<f32>",
            (Storage::F32, false) => "f32",
            (Storage::F16, true) => "vec4<f16>",
            (Storage::F16, false) => "f16",
            (Storage::PackedF16, true) => "vec2<u32>",
            _ => "u32",
        };
        let array =
            if *storage == Storage::Words { (*name).to_string() } else { format!("{name}_data") };
        writeln!(
            text,
            "@group(0) @binding({binding}) var<storage, {access}> {array}: array<{element}>;"
        )?;
        match (storage, written) {
            (Storage::Words, _) => Ok(()),
            (_, false) => self.write_load(raw, text),
            (_, true) => self.write_store(text),
        }
    }

    /// Writes `load_NAME`, which returns elements `e..e + 4` as f32, zeros from `valid` on; and
    /// with `raw` `raw_NAME`, which returns them in their storage type, for kernels that copy them
    /// into tiles.
    fn write_load(&self, raw: Option<Storage>, text: &mut String) -> std::fmt::Result {
        let Operand { name, storage, aligned, .. } = self;
        let number = |at: u32| match storage {
            Storage::PackedF16 => {
                format!("unpack2x16float({name}_data[(e + {at}u) >> 1u])[(e + {at}u) & 1u]")
            }
            _ => format!("f32({name}_data[e + {at}u])"),
        };
        let body = match (storage, aligned) {
            (Storage::Absent, _) => "return vec4<f32>();".to_string(),
            (Storage::PackedF16, true) => format!(
                "let pair = {name}_data[e >> 2u];\n    \
                 return vec4<f32>(unpack2x16float(pair.x), unpack2x16float(pair.y));"
            ),
            (_, true) => format!("return vec4<f32>({name}_data[e >> 2u]);"),
            (_, false) => {
                let mut body = "var v = vec4<f32>();\n".to_string();
                for at in 0..4 {
                    let _ =
                        writeln!(body, "    if (valid > {at}u) {{ v[{at}] = {}; }}", number(at));
                }
                body + "    return v;"
            }
        };
        writeln!(text, "fn load_{name}(e: u32, valid: u32) -> vec4<f32> {{\n    {body}\n}}")?;
        let Some(first) = raw else { return Ok(()) };
        let storage = if *storage == Storage::Absent { first } else { *storage };
        let number = if storage == Storage::F16 { "f16" } else { "f32" };
        let raw = match (storage, aligned) {
            _ if self.storage == Storage::Absent => format!("{name}4()"),
            (Storage::F32 | Storage::F16, true) => format!("{name}_data[e >> 2u]"),
            _ => format!("{name}4(load_{name}(e, valid))"),
        };
        writeln!(text, "alias {name}4 = vec4<{number}>;")?;
        writeln!(text, "fn raw_{name}(e: u32, valid: u32) -> {name}4 {{ return {raw}; }}")
    }

    /// Writes `store_NAME`, which stores the first `valid` of four numbers at `e..`.
    fn write_store(&self, text: &mut String) -> std::fmt::Result {
        let Operand { name, storage, aligned, .. } = self;
        let number = if *storage == Storage::F16 { "f16" } else { "f32" };
        let body = if *aligned {
            format!("{name}_data[e >> 2u] = vec4<{number}>(v);")
        } else {
            (0..4)
                .map(|at| {
                    format!("if (valid > {at}u) {{ {name}_data[e + {at}u] = {number}(v[{at}]); }}")
                })
                .collect::<Vec<_>>()
                .join("\n    ")
        };
        writeln!(text, "fn store_{name}(e: u32, valid: u32, v: vec4<f32>) {{\n    {body}\n}}")
    }
}
