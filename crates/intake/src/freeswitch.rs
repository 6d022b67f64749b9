//! FreeSWITCH: the two customary templates of `mod_cdr_csv`, and the documents of `mod_json_cdr`.

mod csv;
mod json;
mod leg;

pub(crate) use csv::{FreeswitchCsv, is_freeswitch};
pub(crate) use json::FreeswitchJson;
