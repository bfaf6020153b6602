// Functions with types of their own, and no JSON in sight.
import { JSON } from "wow-action";
import { Option } from "wow-action/typed";
import { Measurement, Point, Rounding, Shape, ShapeCase, Sum, Unit } from "./world";

export function add(a: i64, b: i64): Sum {
  const sum = a + b;
  // Two numbers of one sign have a sum of the other only if it did not fit.
  if (((a ^ sum) & (b ^ sum)) < 0) throw new Error(`the sum of ${a} and ${b} does not fit in 64 bits`);
  return new Sum(sum);
}

export function average(numbers: f64[], rounding: Rounding): Option<f64> | null {
  if (!numbers.length) return null;
  const average = numbers.reduce((sum, number) => sum + number, 0.0) / numbers.length;
  if (rounding & Rounding.ToEven) return new Option(nearest(average));
  return new Option(rounding & Rounding.Up ? Math.ceil(average) : average);
}

export function reverse(bytes: Uint8Array): Uint8Array {
  return bytes.reverse();
}

export function measure(shape: Shape, unit: Option<Unit> | null): Measurement {
  const chosen = unit === null ? Unit.Meter : unit.value;
  switch (shape.tag) {
    case ShapeCase.Circle: {
      const radius = shape.asCircle;
      if (radius < 0) throw new Error(`the radius is ${JSON.stringify(radius)}, less than nothing`);
      return new Measurement(Math.PI * radius * radius, new Option(2 * Math.PI * radius), chosen);
    }
    case ShapeCase.Polygon: {
      const corners = shape.asPolygon;
      return new Measurement(area(corners), new Option(length(corners)), chosen);
    }
  }
  return new Measurement(0, null, chosen);
}

/** By the shoelace formula. */
function area(corners: Point[]): f64 {
  let twice = 0.0;
  for (let i = 0; i < corners.length; i++) {
    const next = corners[(i + 1) % corners.length];
    twice += corners[i].x * next.y - next.x * corners[i].y;
  }
  return Math.abs(twice) / 2;
}

function length(corners: Point[]): f64 {
  let length = 0.0;
  for (let i = 0; i < corners.length; i++) {
    const next = corners[(i + 1) % corners.length];
    length += Math.hypot(next.x - corners[i].x, next.y - corners[i].y);
  }
  return length;
}
