//! The work itself, for every target.

/// What is told of the primes up to a limit.
pub struct Primes {
    pub count: usize,
    pub largest: Option<usize>,
}

/// The sieve of Eratosthenes, a byte of memory for each number.
pub fn primes(limit: usize) -> Primes {
    let mut composite = vec![false; limit + 1];
    let mut primes = Primes { count: 0, largest: None };
    for n in 2..=limit {
        if composite[n] {
            continue;
        }
        primes.count += 1;
        primes.largest = Some(n);
        // In 64 bits: in 32, as many as a guest's `usize` has, the square may not fit.
        if (n as u64).pow(2) <= limit as u64 {
            cross_off(&mut composite[n * n..], n);
        }
    }
    primes
}

/// Marks the first number and every one that is `step` further, eight in a round: a guest looks at
/// its clock in each round of a loop, which takes as long as to mark one.
fn cross_off(numbers: &mut [bool], step: usize) {
    let mut rounds = numbers.chunks_exact_mut(8 * step);
    for round in &mut rounds {
        for multiple in 0..8 {
            round[multiple * step] = true;
        }
    }
    rounds.into_remainder().iter_mut().step_by(step).for_each(|multiple| *multiple = true);
}
