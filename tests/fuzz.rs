//! Files that anyone may have written: whatever is in them, nothing panics and nothing is allocated
//! that the file's own size does not account for.
//!
//! Real files are broken at random: bytes, and the values and fields of JSON. Each target runs for a
//! moment; HEARTH_FUZZ_SECONDS gives it longer (`make fuzz`). What was found stands in `FOUND`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use hearth::families::Checkpoint;
use hearth::families::recognise;
use hearth::model::{ClipTextConfig, UNet2DConditionConfig, VaeConfig};
use hearth::prompt::{Choices, EmbeddingName, Emphasis, Grammar, Prompt, Words, chunks, fragments};
use hearth::scheduler::{self, SamplerOptions, SchedulerConfig, SchedulerName};
use hearth::tokenizer::Tokenizer;
use hearth::weights::safetensors::{Entry, read_index};
use hearth::weights::single_file::{FIRST_BYTES, file_type};
use hearth::weights::{ModelCard, OpenOptions, Source};
use hearth::{Error, Result};
use peak_alloc::PeakAlloc;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use safetensors::Dtype;
use serde_json::{Value, json};
use support::{golden, read};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The measurement is the whole program's, so the targets take turns.
static TURN: Mutex<()> = Mutex::new(());

/// What one byte of a file may cost in memory: a digit of a JSON array becomes a value of a few dozen
/// bytes, in a vector that grows by doubling.
const COST: usize = 200;

/// What a parser may need for itself, whatever it reads: buffers, networks without weights, and the
/// tokenizer's automata, whose tables reach up to the largest character that a token has.
const OWN: usize = 24 << 20;

#[test]
fn safetensors_indexes() {
    let file = read("sd1/vae/diffusion_pytorch_model.safetensors");
    let header_len = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    let header = file[8..8 + header_len].to_vec();
    let data = file.len() - 8 - header_len;
    fuzz("safetensors index", &[header], |header| {
        // The length field is right in most cases, so that something behind it is read, too.
        let claimed = match header.first() {
            Some(b'{') => header.len() as u64,
            _ => u64::from_le_bytes(std::array::from_fn(|i| header.get(i).copied().unwrap_or(7))),
        };
        let mut file = claimed.to_le_bytes().to_vec();
        file.extend_from_slice(header);
        file.resize(file.len() + data, 0);
        let memory = Memory::of([("a.safetensors", file)]);
        let index = pollster::block_on(read_index(&memory, "a.safetensors"));
        for entry in index.unwrap_or_default() {
            assert!(entry.range.end <= memory.total(), "{entry:?} lies beyond the file");
        }
    });
}

#[test]
fn configs_of_a_folder() {
    let paths = [
        "model_index.json",
        "unet/config.json",
        "vae/config.json",
        "text_encoder/config.json",
        "scheduler/scheduler_config.json",
        "tokenizer/tokenizer_config.json",
        "tokenizer/special_tokens_map.json",
    ];
    let whole = folder("sd1");
    let seeds: Vec<Vec<u8>> = paths.iter().map(|path| whole.files[*path].clone()).collect();
    fuzz("configs", &seeds, |json| {
        // Broken in the place of each: a config reaches further than its own parser.
        for path in paths {
            let mut source = Memory { files: whole.files.clone() };
            source.files.insert(path.to_string(), json.to_vec());
            let _ = pollster::block_on(Checkpoint::open(&source, &OpenOptions::default()));
        }
        let _ = UNet2DConditionConfig::from_json(json);
        let _ = VaeConfig::from_json(json, "vae/config.json");
        let _ = ClipTextConfig::from_json(json, "text_encoder/config.json");
        let _ = ModelCard::from_json(Some(json));
        if let Ok(config) = std::str::from_utf8(json).map(SchedulerConfig::from_json) {
            let Ok(config) = config else { return };
            for name in SchedulerName::all().map(Some).chain([None]) {
                let _ = scheduler::create(name, &SamplerOptions::new(&config, 7));
            }
        }
    });
}

#[test]
fn tokenizer_files() {
    let seeds = [
        read("sd1/tokenizer/vocab.json"),
        read("sd1/tokenizer/merges.txt"),
        read("sd1/tokenizer/tokenizer_config.json"),
        read("sd1/tokenizer/special_tokens_map.json"),
        read("sd2/tokenizer/tokenizer.json"),
    ];
    let [vocab, merges, config, special, _] = seeds.clone();
    fuzz("tokenizer", &seeds, |bytes| {
        let of_two = |vocab: &[u8], merges: &[u8], config: &[u8], special: &[u8]| {
            Tokenizer::from_vocab_and_merges(vocab, merges, Some(config), Some(special))
        };
        let with: [&dyn Fn() -> Result<Tokenizer>; 6] = [
            &|| of_two(bytes, &merges, &config, &special),
            &|| of_two(&vocab, bytes, &config, &special),
            &|| of_two(&vocab, &merges, bytes, &special),
            &|| of_two(&vocab, &merges, &config, bytes),
            &|| Tokenizer::from_tokenizer_json(bytes, Some(&config), Some(&special)),
            &|| Tokenizer::from_merges(bytes, Some(&config)),
        ];
        for tokenizer in with {
            let Ok(tokenizer) = tokenizer() else { continue };
            let encoding = tokenizer.encode("a red apple, “quoted” 猫 <|endoftext|> ");
            if let Ok(encoding) = encoding {
                assert_eq!(encoding.input_ids.len(), tokenizer.model_max_length());
            }
        }
    });
}

#[test]
fn single_file_keys() {
    let table: Value = serde_json::from_slice(&read("keys.json")).unwrap();
    let seeds: Vec<Vec<u8>> = ["sd1", "sd2", "sdxl"].map(|name| lines(&table, name)).to_vec();
    fuzz("single-file keys", &seeds, |bytes| {
        let _ = file_type("a.safetensors", &bytes[..bytes.len().min(FIRST_BYTES as usize)]);
        let entries = entries(bytes);
        let end = entries.last().map_or(0, |entry| entry.range.end);
        let metadata = BTreeMap::from([(
            "modelspec.resolution".to_string(),
            String::from_utf8_lossy(&bytes[..bytes.len().min(20)]).into_owned(),
        )]);
        for metadata in [BTreeMap::new(), metadata] {
            let Ok(file) = recognise("a.safetensors", &entries, &metadata, None) else { continue };
            for located in file.tensors.values().flat_map(|tensors| tensors.iter()) {
                assert!(located.1.range.end <= end, "{located:?} lies beyond the file");
            }
        }
    });
}

/// Prompts of every grammar: nothing panics, every chunk fits, and no schedule has more texts than
/// steps.
#[test]
fn prompts() {
    let merges = b"#version: 0.2\na b</w>\n";
    let tokenizer = Tokenizer::from_merges(merges, None).unwrap();
    let ids = |text: &str| tokenizer.token_ids(text);
    let embedding = |name: &str, vectors| EmbeddingName {
        name: name.to_string(),
        ids: tokenizer.token_ids(name).unwrap(),
        vectors,
    };
    let embeddings = [embedding("ab", 3), embedding("cat", 75), embedding("none", 76)];
    let words = Words { ids: &ids, room: 75, embeddings: &embeddings };
    let seeds = [
        "a (red:1.2) [blue] cat, ((big)) BREAK <lora:x:0.5:te=1> ab AND (c:[d:e:0.5]:.3) :-1.5",
        "[a:b:5][c|d||(e:1.1)] \\( x \\) [[[:3] (((y))) 猫 é {a|{b|c}|2$$d|e} __w__ embedding:cat, :9",
        "((((((((((a)b:1)c:2)d:3)e:4)f)g)h)i)j) [[[[[[a:b:1]:c:2]:d:3]|e]|f]|g]",
    ];
    let seeds: Vec<Vec<u8>> = seeds.map(|seed| seed.repeat(3).into_bytes()).to_vec();
    fuzz("prompts", &seeds, |bytes| {
        let prompt = String::from_utf8_lossy(bytes);
        let lines = |_: &str| Some(vec![prompt.chars().take(20).collect()]);
        let _ = Choices::new(7, &lines).expand(&prompt);
        for grammar in Grammar::ALL {
            let Ok(read) = Prompt::positive(&prompt, *grammar, 6) else { continue };
            for entry in read.parts.iter().flat_map(|part| &part.schedule) {
                let Ok(fragments) = fragments(&entry.text, *grammar, Emphasis::Original) else {
                    continue;
                };
                let chunks = chunks(&fragments, *grammar, &words).unwrap();
                assert!(!chunks.is_empty());
                for chunk in chunks {
                    assert!(chunk.tokens.len() <= 75 && chunk.tokens.len() == chunk.weights.len());
                }
            }
            assert!(read.parts.iter().all(|part| (1..=6).contains(&part.schedule.len())));
        }
    });
}

/// What was found once. Each is a file, and where in a checkpoint it lay.
#[test]
fn what_was_found_stays_mended() {
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let found: [(&str, Vec<u8>); 4] = [
        // Pictures of which sizes are tried until one fits.
        ("unet/config.json", changed("unet/config.json", "sample_size", json!(4_000_000_000_u64))),
        // Thousands of layers, each a network of its own, from a few digits.
        ("unet/config.json", changed("unet/config.json", "layers_per_block", json!(65_536))),
        (
            "unet/config.json",
            changed("unet/config.json", "transformer_layers_per_block", json!(65_536)),
        ),
        (
            "text_encoder/config.json",
            changed("text_encoder/config.json", "num_hidden_layers", json!(1 << 20)),
        ),
    ];
    for (path, bytes) in found {
        let mut source = folder("sd1");
        source.files.insert(path.to_string(), bytes);
        let opened = pollster::block_on(Checkpoint::open(&source, &OpenOptions::default()));
        let error = opened.map(|_| ()).unwrap_err();
        assert_eq!(error.code(), "invalid-config", "{path}: {error}");
    }
}

fn changed(path: &str, field: &str, value: Value) -> Vec<u8> {
    let mut config: Value = serde_json::from_slice(&read(&format!("sd1/{path}"))).unwrap();
    config[field] = value;
    config.to_string().into_bytes()
}

/// Runs `target` over broken copies of `seeds`, and measures what it allocates.
fn fuzz(what: &str, seeds: &[Vec<u8>], target: impl Fn(&[u8])) {
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let seconds = std::env::var("HEARTH_FUZZ_SECONDS").ok().and_then(|s| s.parse().ok());
    let until = Instant::now() + Duration::from_secs(seconds.unwrap_or(1));
    let (cases, worst) = (RefCell::new(0u64), RefCell::new((0usize, 0usize)));
    let damage = prop::collection::vec((any::<u32>(), any::<u8>(), any::<u64>()), 1..6);
    while Instant::now() < until {
        let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
        let strategy = (0..seeds.len(), damage.clone());
        let result = TestRunner::new(config).run(&strategy, |(seed, damage)| {
            let bytes = damage.iter().fold(seeds[seed].clone(), Damage::apply);
            MEMORY.reset_peak_usage();
            let before = MEMORY.current_usage();
            target(&bytes);
            let peak = MEMORY.peak_usage().saturating_sub(before);
            *cases.borrow_mut() += 1;
            if peak > worst.borrow().0 {
                worst.replace((peak, bytes.len()));
            }
            let fair = OWN + COST * bytes.len();
            prop_assert!(peak <= fair, "{peak} bytes allocated for {} of a file", bytes.len());
            Ok(())
        });
        if let Err(failure) = result {
            panic!("{what}: {failure}");
        }
    }
    let (peak, len) = *worst.borrow();
    println!("{what}: {} cases, at most {peak} bytes allocated (a file of {len})", cases.borrow());
}

/// One way to break a file: where, how, and with what.
struct Damage;

impl Damage {
    fn apply(mut bytes: Vec<u8>, &(place, kind, with): &(u32, u8, u64)) -> Vec<u8> {
        let at = place as usize % (bytes.len() + 1);
        let some = (with % 32) as usize;
        match kind % 12 {
            0 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << (with % 8);
                }
            }
            1 => bytes.truncate(at),
            2 => {
                bytes.drain(at..(at + some).min(bytes.len()));
            }
            3 => {
                let piece = bytes[at..(at + some).min(bytes.len())].to_vec();
                let target = with as usize % (bytes.len() + 1);
                bytes.splice(target..target, piece);
            }
            4 => {
                bytes.splice(at..at, with.to_le_bytes());
            }
            5 => {
                let digits = with.to_string();
                bytes.splice(at..at, digits.bytes());
            }
            _ => return Self::of_json(&bytes, place, with).unwrap_or(bytes),
        }
        bytes
    }

    /// Changes one value or one field of a JSON text.
    fn of_json(bytes: &[u8], place: u32, with: u64) -> Option<Vec<u8>> {
        let mut json: Value = serde_json::from_slice(bytes).ok()?;
        let mut left = place as usize % count(&json);
        let value = nth(&mut json, &mut left)?;
        let choices = [
            Value::Null,
            json!(true),
            json!(-1),
            json!(0),
            json!(1),
            json!(with),
            json!(with % 100_000),
            json!(u64::MAX),
            json!(1e308),
            json!(-1e-308),
            json!(""),
            json!("x".repeat((with % 5000) as usize)),
            json!([]),
            json!({}),
            json!([[[[1]]]]),
            json!([with, with, with]),
            json!(vec![0; (with % 5000) as usize]),
        ];
        match value {
            Value::Object(fields) if with.is_multiple_of(3) => {
                let name = fields.keys().nth(with as usize % fields.len().max(1))?.clone();
                let taken = fields.remove(&name)?;
                if with.is_multiple_of(2) {
                    fields.insert(format!("{name}.{}", with % 10), taken);
                }
            }
            Value::Array(items) if with.is_multiple_of(3) => {
                let item = items.first().cloned().unwrap_or_default();
                items.extend(vec![item; (with % 40) as usize]);
            }
            value => *value = choices[with as usize % choices.len()].clone(),
        }
        serde_json::to_vec(&json).ok()
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

fn nth<'a>(value: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| nth(item, left)),
        Value::Object(fields) => fields.values_mut().find_map(|item| nth(item, left)),
        _ => None,
    }
}

/// `key shape` of every tensor of a single file, a line each.
fn lines(table: &Value, name: &str) -> Vec<u8> {
    let mut lines = Vec::new();
    for component in table["checkpoints"][name].as_object().unwrap().values() {
        let prefix = component["prefix"].as_str().unwrap_or_default();
        for row in component["rows"].as_array().into_iter().flatten() {
            let fields: Vec<&str> = row.as_str().unwrap().split(' ').collect();
            if let [path, _, key, _, shape] = fields[..] {
                lines.push(format!("{prefix}{} {shape}", if key == "=" { path } else { key }));
            }
        }
    }
    lines.dedup(); // The thirds of one tensor.
    lines.join("\n").into_bytes()
}

/// The tensors of such a text, one behind the other.
fn entries(text: &[u8]) -> Vec<Entry> {
    let mut at = 0u64;
    let text = String::from_utf8_lossy(text);
    let of_line = |line: &str| {
        let (name, shape) = line.rsplit_once(' ')?;
        let sides = shape.split('x').map(|side| side.parse::<usize>().ok());
        let shape = sides.collect::<Option<Vec<_>>>()?;
        let count = shape.iter().try_fold(1u64, |all, &side| all.checked_mul(side as u64))?;
        let end = at.checked_add(count.checked_mul(2)?)?;
        let range = std::mem::replace(&mut at, end)..end;
        Some(Entry { name: name.to_string(), dtype: Dtype::F16, shape, range })
    };
    text.lines().filter_map(of_line).collect()
}

/// A checkpoint in memory.
#[derive(Default)]
struct Memory {
    files: BTreeMap<String, Vec<u8>>,
}

impl Memory {
    fn of<const N: usize>(files: [(&str, Vec<u8>); N]) -> Self {
        Memory { files: files.map(|(path, bytes)| (path.to_string(), bytes)).into() }
    }

    fn total(&self) -> u64 {
        self.files.values().map(|file| file.len() as u64).sum()
    }
}

fn folder(name: &str) -> Memory {
    let mut memory = Memory::default();
    for part in std::fs::read_dir(golden(name)).unwrap() {
        let part = part.unwrap().path();
        let files = match part.is_dir() {
            true => std::fs::read_dir(&part).unwrap().map(|file| file.unwrap().path()).collect(),
            false => vec![part],
        };
        for file in files {
            let path = file.strip_prefix(golden(name)).unwrap().to_str().unwrap().to_string();
            memory.files.insert(path, std::fs::read(&file).unwrap());
        }
    }
    memory
}

impl Source for Memory {
    fn place(&self) -> String {
        "memory".to_string()
    }

    async fn len(&self, path: &str) -> Result<Option<u64>> {
        Ok(self.files.get(path).map(|file| file.len() as u64))
    }

    async fn read(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>> {
        let bytes = self.files.get(path).and_then(|file| {
            file.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)
        });
        bytes.map(<[u8]>::to_vec).ok_or_else(|| Error::CorruptWeights {
            path: path.to_string(),
            reason: hearth::error::messages::ends_before(range.end),
        })
    }
}
