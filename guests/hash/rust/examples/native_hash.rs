//! The guest's work without a guest: what `cargo xtask bench limits` compares with.
//! Prints the milliseconds that each of some rounds took.
//!
//! `native_hash ITERATIONS ROUNDS`

#[path = "../src/chain.rs"]
mod chain;

use std::num::NonZero;
use std::time::Instant;

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|text| text.parse::<u32>().ok());
    let (Some(work), Some(rounds)) = (numbers.next().and_then(NonZero::new), numbers.next()) else {
        eprintln!("native_hash ITERATIONS ROUNDS");
        std::process::exit(1)
    };
    for _ in 0..rounds {
        let start = Instant::now();
        std::hint::black_box(chain::hash("abc", work));
        println!("{}", start.elapsed().as_secs_f64() * 1000.0);
    }
}
