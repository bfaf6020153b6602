//! Functions with types of their own, and no JSON in sight.

wow_action::generate!({ path: "wit", world: "calc" });

use exports::acme::calc::geometry::{Guest as Geometry, Measurement, Point, Shape, Unit};

struct Calc;

export!(Calc);

impl Guest for Calc {
    fn add(a: i64, b: i64) -> Result<Sum, String> {
        let sum = a.checked_add(b);
        let sum = sum.ok_or_else(|| format!("the sum of {a} and {b} does not fit in 64 bits"))?;
        Ok(Sum { sum })
    }

    fn average(numbers: Vec<f64>, rounding: Rounding) -> Option<f64> {
        if numbers.is_empty() {
            return None;
        }
        let average = numbers.iter().sum::<f64>() / numbers.len() as f64;
        Some(if rounding.contains(Rounding::TO_EVEN) {
            average.round_ties_even()
        } else if rounding.contains(Rounding::UP) {
            average.ceil()
        } else {
            average
        })
    }

    fn reverse(mut bytes: Vec<u8>) -> Vec<u8> {
        bytes.reverse();
        bytes
    }
}

impl Geometry for Calc {
    fn measure(shape: Shape, unit: Option<Unit>) -> Result<Measurement, String> {
        let unit = unit.unwrap_or(Unit::Meter);
        let (area, outer_length) = match shape {
            Shape::Dot => (0.0, None),
            Shape::Circle(radius) if radius < 0.0 => {
                return Err(format!("the radius is {radius}, less than nothing"));
            }
            Shape::Circle(radius) => {
                let pi = std::f64::consts::PI;
                (pi * radius * radius, Some(2.0 * pi * radius))
            }
            Shape::Polygon(corners) => (area(&corners), Some(length(&corners))),
        };
        Ok(Measurement { area, outer_length, unit })
    }
}

fn sides(corners: &[Point]) -> impl Iterator<Item = (&Point, &Point)> {
    corners.iter().zip(corners.iter().cycle().skip(1))
}

/// By the shoelace formula.
fn area(corners: &[Point]) -> f64 {
    sides(corners).map(|(a, b)| a.x * b.y - b.x * a.y).sum::<f64>().abs() / 2.0
}

fn length(corners: &[Point]) -> f64 {
    sides(corners).map(|(a, b)| (b.x - a.x).hypot(b.y - a.y)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_is_measured() {
        let corner = |x, y| Point { x, y };
        let square = [corner(0.0, 0.0), corner(2.0, 0.0), corner(2.0, 2.0), corner(0.0, 2.0)];
        assert_eq!((area(&square), length(&square)), (4.0, 8.0));
    }
}
