//! What a picture is asked for with.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Shared, Start};
use crate::params::{FIELDS, GenerationParams, PartialParams};

/// The parameters, and the pictures beside them: one object, in which `start` stands among the values.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerateRequest {
    /// Every value; the worker checks them.
    pub params: GenerationParams,
    /// What the picture is made from; `None`: from noise alone.
    pub start: Option<Shared<Start>>,
}

const START: &str = "start";

impl Serialize for GenerateRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("GenerateRequest", FIELDS.len() + 1)?;
        PartialParams::from(self.params.clone()).write_into(&mut object)?;
        object.serialize_field(START, &self.start)?;
        object.end()
    }
}

impl<'de> Deserialize<'de> for GenerateRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AnyRequest)
    }
}

struct AnyRequest;

impl<'de> Visitor<'de> for AnyRequest {
    type Value = GenerateRequest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<GenerateRequest, A::Error> {
        let (mut given, mut start) = (PartialParams::default(), None);
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                START => start = map.next_value()?,
                name => given.read_member(name, &mut map)?,
            }
        }
        Ok(GenerateRequest { params: GenerationParams::default().with(&given), start })
    }
}
