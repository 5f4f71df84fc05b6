//! Parameters and init image of a generation request.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{InitImagePixels, Shared};
use crate::params::{FIELDS, GenerationParams, PartialParams};
use crate::prompt::Grammar;

/// Parameters and init image, serialised as one object with the member `init_image`.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerateRequest {
    /// Every value; the worker checks them.
    pub params: GenerationParams,
    /// Init image and mask; `None`: starts from noise.
    pub init_image: Option<Shared<InitImagePixels>>,
}

const INIT_IMAGE: &str = "init_image";

impl Serialize for GenerateRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("GenerateRequest", FIELDS.len() + 1)?;
        PartialParams::from(self.params.clone()).write_into(&mut object)?;
        object.serialize_field(INIT_IMAGE, &self.init_image)?;
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
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                INIT_IMAGE => init_image = map.next_value()?,
                name => params.read_member(name, &mut map)?,
            }
        }
        // The history has requests from before there were grammars: their signs were text.
        params.grammar.get_or_insert(Grammar::Plain);
        Ok(GenerateRequest { params: GenerationParams::default().with(&params), init_image })
    }
}
