// What generated types use.

/** An option of what cannot be null itself: a number, an enum. */
export declare class Option<T> {
  constructor(value: T);
  readonly value: T;
}
