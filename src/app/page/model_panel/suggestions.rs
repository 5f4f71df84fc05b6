//! Models that the panel offers, from `suggested-models.json`, and what this device can do of them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlElement, Response};

use crate::app::dom::{append_template, by_id, set, show, window};
use crate::app::protocol::{CPU_MEMORY, DeviceChoice};
use crate::app::words::{self, Language, amount};
use crate::error::Result;
use crate::params::GenerationParams;

/// The file, relative to the page.
const FILE: &str = "suggested-models.json";

/// A model to offer. `www/suggested-models.json` has one for each repository; a test holds its
/// figures to the engine's.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// Repository of the Hub.
    pub repository: String,
    /// Its name for people.
    pub name: String,
    /// Family and licence.
    pub facts: [String; 2],
    /// Bytes of its weights in f16.
    pub download: u64,
    /// Whether the repository is known to have them in f16.
    pub is_half: bool,
    /// Its native size, `[width, height]` in pixels.
    pub size: [u32; 2],
    /// Least memory on the CPU, and what a run takes on a GPU, bytes.
    pub memory: [u64; 2],
    /// GFLOP of a step with guidance and of the decoding, and its usual number of steps, if they
    /// were counted.
    pub work: Option<[f64; 3]>,
    /// What it is for, in English and Chinese.
    pub purpose: [String; 2],
}

/// What a device can do of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It can run it.
    Fits,
    /// Its memory is too small, of which it has so many bytes.
    TooLarge(u64),
    /// The memory of the GPU is not known.
    Unknown,
}

impl Suggestion {
    /// Returns what `device` can do of it. `system`: the computer's memory in bytes, if it is known.
    pub fn fit(&self, device: DeviceChoice, system: Option<u64>) -> Fit {
        let [cpu, gpu] = self.memory;
        match (device, system) {
            (DeviceChoice::Cpu, _) if cpu > CPU_MEMORY => Fit::TooLarge(CPU_MEMORY),
            (DeviceChoice::Cpu, _) => Fit::Fits,
            (DeviceChoice::Webgpu, Some(has)) if gpu > has => Fit::TooLarge(has),
            (DeviceChoice::Webgpu, _) => Fit::Unknown,
        }
    }

    /// Returns the seconds of a picture at `speed`, in GFLOP/s.
    pub fn seconds(&self, speed: Option<f64>) -> Option<f64> {
        let [.., steps] = self.work?;
        Some(self.gflop(steps, true)? / speed.filter(|speed| *speed > 0.0)?)
    }

    /// Returns the GFLOP of a picture of its native size.
    pub fn gflop(&self, steps: f64, is_guided: bool) -> Option<f64> {
        let [step, decode, _] = self.work?;
        Some(steps * if is_guided { step } else { step / 2.0 } + decode)
    }
}

/// The list in the panel.
pub struct SuggestionList {
    section: HtmlElement,
    list: HtmlElement,
    template: HtmlElement,
    /// The models, once they are read.
    models: RefCell<Vec<Suggestion>>,
    /// The device that they are shown for, and its speed in GFLOP/s.
    shown: Cell<(DeviceChoice, Option<f64>)>,
}

impl SuggestionList {
    /// Binds to the elements and reads the models of the page at `base`.
    pub fn bind(base: &str) -> Result<Rc<Self>> {
        let list = Rc::new(SuggestionList {
            section: by_id("suggestions")?,
            list: by_id("suggested")?,
            template: by_id("suggested-template")?,
            models: RefCell::default(),
            shown: Cell::new((DeviceChoice::Webgpu, None)),
        });
        let (me, base) = (Rc::clone(&list), base.to_string());
        spawn_local(async move {
            let models = read_json(&base, FILE).await.as_ref().and_then(parse).unwrap_or_default();
            show(&me.section, !models.is_empty());
            me.models.replace(models);
            me.retranslate();
        });
        Ok(list)
    }

    /// Writes the list for a device, whose measured speed is `speed` GFLOP/s.
    pub fn show(&self, device: DeviceChoice, speed: Option<f64>) {
        self.shown.set((device, speed));
        self.retranslate();
    }

    /// Writes the list again.
    pub fn retranslate(&self) {
        let (device, speed) = self.shown.get();
        self.list.set_text_content(None);
        let language = usize::from(Language::of_page() == Language::Chinese);
        let system = system_memory();
        let models = self.models.borrow();
        let is_too_large =
            |model: &&Suggestion| matches!(model.fit(device, system), Fit::TooLarge(_));
        let (too_large, others): (Vec<_>, Vec<_>) = models.iter().partition(is_too_large);
        for model in others.into_iter().chain(too_large) {
            let Some(item) = append_template(&self.template, &self.list) else { continue };
            set(&item, "data-repository", &model.repository);
            write(&item, ".kept-name", &model.name);
            write(&item, ".purpose", &model.purpose[language]);
            write(&item, ".facts-line", &facts(model));
            let fit = model.fit(device, system);
            write(&item, ".fit", &fit_line(model, device, fit, model.seconds(speed)));
            if let Ok(Some(button)) = item.query_selector("button") {
                set(&button, "aria-label", &words::load_name(&model.name));
            }
        }
    }

    /// Returns whether `device` can probably run the model of a repository, and whether its download
    /// is known.
    pub fn is_sure(&self, repository: &str, device: DeviceChoice) -> bool {
        let models = self.models.borrow();
        let model = models.iter().find(|model| model.repository == repository);
        model.is_some_and(|model| {
            model.is_half && !matches!(model.fit(device, system_memory()), Fit::TooLarge(_))
        })
    }

    /// Returns the GFLOP/s of a run of a repository's model, if it was one that can be compared.
    pub fn speed(&self, repository: &str, params: &GenerationParams, seconds: f64) -> Option<f64> {
        let models = self.models.borrow();
        let model = models.iter().find(|model| model.repository == repository)?;
        let is_native = params.size() == model.size.map(|side| side as usize);
        let steps = params.num_inference_steps as f64;
        let gflop = model.gflop(steps, params.is_guided()).filter(|_| is_native)?;
        Some(gflop / seconds.max(0.001))
    }

    /// Scrolls to the list and focuses its title.
    pub fn reveal(&self) {
        self.section.scroll_into_view();
        let _ = self.section.focus();
    }
}

fn facts(model: &Suggestion) -> String {
    let half = amount(model.download);
    let download = match model.is_half {
        true => words::about(half),
        false => words::about_or(half, amount(2 * model.download)),
    };
    let [width, height] = model.size;
    let [family, licence] = &model.facts;
    format!("{family} · {width} × {height} · {download} · {licence} · {}", model.repository)
}

fn fit_line(model: &Suggestion, device: DeviceChoice, fit: Fit, seconds: Option<f64>) -> String {
    let [cpu, gpu] = model.memory.map(amount);
    let can = match (device, fit) {
        (DeviceChoice::Cpu, Fit::TooLarge(has)) => words::too_large_for_cpu(cpu, amount(has)),
        (_, Fit::TooLarge(has)) => words::perhaps_too_large(gpu, amount(has)),
        (DeviceChoice::Cpu, _) => words::fits_cpu(cpu),
        (DeviceChoice::Webgpu, _) => words::needs_gpu_memory(gpu),
    };
    match seconds.filter(|_| !matches!(fit, Fit::TooLarge(_))) {
        Some(seconds) => {
            format!("{can} {}", words::picture_takes(words::approximate_duration(seconds)))
        }
        None => can,
    }
}

fn write(item: &Element, selector: &str, text: &str) {
    if let Ok(Some(part)) = item.query_selector(selector) {
        part.set_text_content(Some(text));
    }
}

/// Returns the computer's memory in bytes, which some browsers tell roughly (`deviceMemory`). They
/// tell at most 8 GB, which says nothing of larger ones.
fn system_memory() -> Option<u64> {
    let navigator = window().ok()?.navigator();
    let gigabytes = Reflect::get(&navigator, &"deviceMemory".into()).ok()?.as_f64()?;
    (gigabytes < 8.0).then_some((gigabytes * 1e9) as u64)
}

/// Reads a JSON file of the page.
pub async fn read_json(base: &str, file: &str) -> Option<JsValue> {
    let url = web_sys::Url::new_with_base(file, base).ok()?.href();
    let answer = JsFuture::from(window().ok()?.fetch_with_str(&url)).await.ok()?;
    let answer: Response = answer.dyn_into().ok().filter(Response::ok)?;
    JsFuture::from(answer.json().ok()?).await.ok()
}

fn parse(file: &JsValue) -> Option<Vec<Suggestion>> {
    let models: js_sys::Array = get(file, "models").dyn_into().ok()?;
    models.iter().map(|model| suggestion(&model)).collect()
}

fn suggestion(model: &JsValue) -> Option<Suggestion> {
    let text = |name| get(model, name).as_string();
    let number = |object: &JsValue, name| Some(get(object, name).as_f64()? as u64);
    let (memory, purpose) = (get(model, "memory"), get(model, "for"));
    let side = |index| number(&get(model, "size"), index).map(|side| side as u32);
    Some(Suggestion {
        repository: text("repository")?,
        name: text("name")?,
        facts: [text("family")?, text("licence")?],
        download: number(model, "download")?,
        is_half: get(model, "half").is_truthy(),
        size: [side("0")?, side("1")?],
        memory: [number(&memory, "cpu")?, number(&memory, "gpu")?],
        work: work(model),
        purpose: [get(&purpose, "en").as_string()?, get(&purpose, "zh-Hans").as_string()?],
    })
}

fn work(model: &JsValue) -> Option<[f64; 3]> {
    let gflop = get(model, "gflop");
    let number = |object: &JsValue, name| get(object, name).as_f64();
    Some([number(&gflop, "step")?, number(&gflop, "decode")?, number(model, "steps")?])
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Fit, Suggestion, facts, fit_line};
    use crate::app::protocol::DeviceChoice;

    fn model(cpu: u64, gpu: u64) -> Suggestion {
        Suggestion {
            repository: "owner/name".to_string(),
            name: "Name".to_string(),
            facts: ["SD 1.5".to_string(), "MIT".to_string()],
            download: 2_130_000_000,
            is_half: true,
            size: [512, 512],
            memory: [cpu, gpu],
            work: Some([1_500.0, 2_500.0, 25.0]),
            purpose: [String::new(), String::new()],
        }
    }

    #[test]
    fn cpu_fits_only_what_webassembly_can_address() {
        let cpu = |memory| model(memory, 0).fit(DeviceChoice::Cpu, None);
        assert_eq!(cpu(3_000_000_000), Fit::Fits);
        assert_eq!(cpu(5_720_000_000), Fit::TooLarge(3_758_096_384));
    }

    #[test]
    fn gpu_fit_is_unknown_unless_the_computer_is_smaller() {
        let gpu = |system| model(0, 7_000_000_000).fit(DeviceChoice::Webgpu, system);
        assert_eq!(gpu(None), Fit::Unknown);
        assert_eq!(gpu(Some(4_000_000_000)), Fit::TooLarge(4_000_000_000));
    }

    #[test]
    fn time_of_a_picture_needs_a_measured_speed() {
        let model = model(3_000_000_000, 2_600_000_000);
        assert_eq!(model.seconds(None), None);
        assert_eq!(model.seconds(Some(0.0)), None);
        assert_eq!(model.seconds(Some(1_000.0)), Some(40.0));
        assert_eq!(model.gflop(2.0, false), Some(4_000.0), "guidance doubles a step");
        let line = |seconds| fit_line(&model, DeviceChoice::Webgpu, Fit::Unknown, seconds);
        assert_eq!(line(None), "Needs about 2.60 GB of graphics memory.");
        assert_eq!(
            line(Some(40.0)),
            "Needs about 2.60 GB of graphics memory. About 40 s a picture on this device."
        );
    }

    #[test]
    fn unknown_precision_of_files_is_stated() {
        let mut model = model(0, 0);
        assert_eq!(facts(&model), "SD 1.5 · 512 × 512 · about 2.13 GB · MIT · owner/name");
        model.is_half = false;
        assert_eq!(
            facts(&model),
            "SD 1.5 · 512 × 512 · 2.13 or 4.26 GB · MIT · owner/name"
                .replace("2.13 or", "2.13 GB or")
        );
    }
}
