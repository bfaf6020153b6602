//! The guest's work without a guest: what `cargo xtask bench limits` compares with.
//! Prints the milliseconds that each of some rounds took.
//!
//! `native_prime LIMIT ROUNDS`

#[path = "../src/sieve.rs"]
mod sieve;

use std::time::Instant;

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|text| text.parse::<usize>().ok());
    let (Some(work), Some(rounds)) = (numbers.next(), numbers.next()) else {
        eprintln!("native_prime LIMIT ROUNDS");
        std::process::exit(1)
    };
    for _ in 0..rounds {
        let start = Instant::now();
        let primes = sieve::primes(work);
        std::hint::black_box((primes.count, primes.largest));
        println!("{}", start.elapsed().as_secs_f64() * 1000.0);
    }
}
