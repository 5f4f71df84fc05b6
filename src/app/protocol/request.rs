//! Parameters and init image of a generation request.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{InitImagePixels, Shared};
use crate::params::{AdapterUse, FIELDS, GenerationParams, PartialParams};
use crate::prompt::Grammar;

/// Parameters, init image and adapters, serialised as one object with the members `init_image` and
/// `adapters`.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerateRequest {
    /// Every value; the worker checks them.
    pub params: GenerationParams,
    /// Init image and mask; `None`: starts from noise.
    pub init_image: Option<Shared<InitImagePixels>>,
    /// Adapters in effect, by name: those that [`OpenAdapter`](super::Command::OpenAdapter) has opened.
    pub adapters: Vec<AdapterUse>,
}

const INIT_IMAGE: &str = "init_image";
const ADAPTERS: &str = "adapters";

impl Serialize for GenerateRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("GenerateRequest", FIELDS.len() + 2)?;
        PartialParams::from(self.params.clone()).write_into(&mut object)?;
        object.serialize_field(INIT_IMAGE, &self.init_image)?;
        object.serialize_field(ADAPTERS, &self.adapters)?;
        object.end()
    }
}

impl<'de> Deserialize<'de> for GenerateRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RequestVisitor)
    }
}

struct RequestVisitor;

impl<'de> Visitor<'de> for RequestVisitor {
    type Value = GenerateRequest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<GenerateRequest, A::Error> {
        let (mut params, mut init_image) = (PartialParams::default(), None);
        let mut adapters = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                INIT_IMAGE => init_image = map.next_value()?,
                ADAPTERS => adapters = map.next_value::<Option<_>>()?.unwrap_or_default(),
                name => params.read_member(name, &mut map)?,
            }
        }
        // The history has requests from before there were grammars: their signs were text.
        params.grammar.get_or_insert(Grammar::Plain);
        let params = GenerationParams::default().with(&params);
        Ok(GenerateRequest { params, init_image, adapters })
    }
}
