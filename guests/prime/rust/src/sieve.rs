//! The work itself, for every target.

/// What is told of the primes up to a limit.
pub struct Primes {
    pub count: usize,
    pub largest: Option<usize>,
}

/// The sieve of Eratosthenes, a byte of memory for each number. Nothing overflows: in the 32 bits
/// of a guest there is no memory for as many numbers.
///
/// Its loops are apart from one another and from all that an activation does, so that what they
/// count with is in registers.
#[inline(never)]
pub fn primes(limit: usize) -> Primes {
    let mut composite = vec![false; limit + 1];
    for n in (2..).take_while(|n| n * n <= limit) {
        if !composite[n] {
            cross_off(&mut composite, n * n, n);
        }
    }
    let numbers = composite.get(2..).unwrap_or_default();
    Primes {
        count: numbers.iter().map(|&composite| usize::from(!composite)).sum(),
        largest: numbers.iter().rposition(|&composite| !composite).map(|n| n + 2),
    }
}

/// Marks every number from the first on that is `step` further than one that is marked.
///
/// Eight in a round: a guest looks at its clock in each round of a loop, which takes longer than to
/// mark one.
#[inline(never)]
fn cross_off(numbers: &mut [bool], first: usize, step: usize) {
    let mut multiple = first;
    // Where a round begins that ends within the numbers.
    let last = numbers.len().saturating_sub(7 * step);
    while multiple < last {
        for _ in 0..8 {
            numbers[multiple] = true;
            multiple += step;
        }
    }
    while multiple < numbers.len() {
        numbers[multiple] = true;
        multiple += step;
    }
}
