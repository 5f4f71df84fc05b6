//! A function for each message, which takes its arguments: `multiple_of(8, 64)`.

use super::message::{Id, Message, Number, Text};

macro_rules! functions {
    ($($id:ident($($parameter:ident: $kind:ident),*): $text:literal;)*) => {
        $(
            #[doc = $text]
            pub fn $id($($parameter: impl Into<$kind>),*) -> Message {
                $(let $parameter: $kind = $parameter.into();)*
                Message::Known { id: Id::$id, arguments: vec![$($parameter.into()),*] }
            }
        )*
    };
}

with_messages!(functions);
