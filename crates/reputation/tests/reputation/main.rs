//! What the score promises, tested from outside: analysts' case files, an independent slow model of the facts, order and
//! streaming, and the numbers that the documents state.

mod case_calls;
mod case_file;
mod cases;
mod evidence;
mod facts_model;
mod label_state;
mod order;
mod others;
mod ready;
mod shapes;
mod stream;
mod traffic;
mod world;
