//! Enums as plain JavaScript objects: `{ type: "step", done: 1, total: 20 }`.
//!
//! Serde's own `tag` attribute copies every value into a tree before it is read, with code of its own
//! for each type below the enum: a fifth of the page's program. Here the name of the variant is looked
//! up first, and the members are then read where they are.

use js_sys::{Object, Reflect};
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error as _, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_wasm_bindgen::{Deserializer as JsDeserializer, Error};
use wasm_bindgen::JsValue;

/// Implements `Serialize` and `Deserialize` for enums of unit and struct variants, which derive both with
/// `#[serde(remote = "Self")]`. The member `$tag` names the variant.
macro_rules! tagged {
    ($tag:literal: $($name:ty),+) => { $(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                // Name it by its type: `Self::serialize` is the derived one.
                let value = <$name>::serialize(self, &serde_wasm_bindgen::Serializer::new());
                let value = value.and_then(|value| $crate::app::protocol::tagged::with_tag($tag, value));
                let value = value.map_err(serde::ser::Error::custom)?;
                serde_wasm_bindgen::preserve::serialize(&value, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = serde_wasm_bindgen::preserve::deserialize(deserializer)?;
                <$name>::deserialize($crate::app::protocol::tagged::Tagged { tag: $tag, value })
                    .map_err(serde::de::Error::custom)
            }
        }
    )+ };
}

pub(super) use tagged;

/// Moves the variant's name into the object: `{ step: { done: 1 } }` becomes `{ done: 1, type: "step" }`.
pub(super) fn with_tag(tag: &str, value: JsValue) -> Result<JsValue, Error> {
    let (name, members) = if value.is_string() {
        (value, JsValue::from(Object::new()))
    } else {
        let entry = Object::entries(&Object::from(value)).get(0);
        (Reflect::get_u32(&entry, 0)?, Reflect::get_u32(&entry, 1)?)
    };
    Reflect::set(&members, &tag.into(), &name)?;
    Ok(members)
}

/// Reads an enum from the object `value`, in which the member `tag` names the variant.
pub(super) struct Tagged {
    pub tag: &'static str,
    pub value: JsValue,
}

impl<'de> Deserializer<'de> for Tagged {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Tagged {
    type Error = Error;
    type Variant = Members;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Members), Error> {
        let name = Reflect::get(&self.value, &self.tag.into())?;
        Ok((seed.deserialize(JsDeserializer::from(name))?, Members(self.value)))
    }
}

/// The members of a variant, beside its name.
pub(super) struct Members(JsValue);

impl<'de> VariantAccess<'de> for Members {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        JsDeserializer::from(self.0).deserialize_struct("", fields, visitor)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _seed: T) -> Result<T::Value, Error> {
        Err(Error::custom("a variant without named members"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, _visitor: V) -> Result<V::Value, Error> {
        Err(Error::custom("a variant without named members"))
    }
}
