//! Reading of a model's `knowledge.json`.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::super::model_panel::read_json;
use super::facts::{Knowledge, LANGUAGES, Phrase, Thing};

/// The file, relative to the model.
const FILE: &str = "knowledge.json";

/// The file of a model, which is read when it is first needed.
pub struct KnowledgeFile {
    model: String,
    read: RefCell<Option<Rc<Knowledge>>>,
}

impl KnowledgeFile {
    /// Creates it for the model at an address.
    pub fn new(model: String) -> Self {
        KnowledgeFile { model, read: RefCell::default() }
    }

    /// Returns its content, if it has been read.
    pub fn content(&self) -> Option<Rc<Knowledge>> {
        self.read.borrow().clone()
    }

    /// Reads it; `None` if it cannot be had.
    pub async fn read(&self) -> Option<Rc<Knowledge>> {
        if self.content().is_none() {
            let file = read_json(&self.model, FILE).await?;
            let knowledge = Rc::new(parse(&file)?);
            self.read.borrow_mut().get_or_insert(knowledge);
        }
        self.content()
    }
}

fn parse(file: &JsValue) -> Option<Knowledge> {
    let by_language = |name: &str| {
        let texts = get(file, name);
        LANGUAGES.map(|code| get(&texts, code))
    };
    Some(Knowledge {
        kinds: phrases(file, "kinds"),
        things: list(file, "things")
            .iter()
            .map(|thing| parse_thing(&thing))
            .collect::<Option<_>>()?,
        colours: phrases(file, "colours"),
        places: phrases(file, "places"),
        styles: phrases(file, "styles"),
        numbers: phrases(file, "numbers"),
        backgrounds: by_language("backgrounds").map(|text| text.as_string().unwrap_or_default()),
        prompts: by_language("prompts").map(|templates| strings(&templates)),
    })
}

fn parse_thing(thing: &JsValue) -> Option<Thing> {
    Some(Thing {
        name: get(thing, "name").as_string()?,
        plural: get(thing, "plural").as_string(),
        others: strings(&get(thing, "others")),
        chinese: strings(&get(thing, "chinese")),
        measure: text(thing, "measure"),
        kind: text(thing, "kind"),
        character: text(thing, "character"),
    })
}

fn phrases(file: &JsValue, name: &str) -> Vec<Phrase> {
    let phrase = |phrase: JsValue| {
        let rgb = list(&phrase, "rgb");
        let channel = |index| rgb.get(index).as_f64().unwrap_or_default() as u8;
        Phrase {
            name: text(&phrase, "name"),
            english: text(&phrase, "english"),
            others: strings(&get(&phrase, "others")),
            chinese: text(&phrase, "chinese"),
            rgb: [channel(0), channel(1), channel(2)],
        }
    };
    list(file, name).iter().map(phrase).collect()
}

fn list(object: &JsValue, name: &str) -> Array {
    get(object, name).dyn_into().unwrap_or_default()
}

fn strings(array: &JsValue) -> Vec<String> {
    let array = array.dyn_ref::<Array>().cloned().unwrap_or_default();
    array.iter().filter_map(|text| text.as_string()).collect()
}

fn text(object: &JsValue, name: &str) -> String {
    get(object, name).as_string().unwrap_or_default()
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}
