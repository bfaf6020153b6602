// Names with values, as headers and queries have them.

/** In the order in which they came; a name may be there several times. */
export class Pairs {
  protected names: string[] = [];
  protected values: string[] = [];

  /** Each name once. */
  keys(): string[] {
    const keys: string[] = [];
    for (let i = 0; i < this.names.length; i++) if (!keys.includes(this.names[i])) keys.push(this.names[i]);
    return keys;
  }

  protected add(name: string, value: string): void {
    this.names.push(name);
    this.values.push(value);
  }

  protected valuesOf(name: string): string[] {
    const values: string[] = [];
    for (let i = 0; i < this.names.length; i++) if (this.names[i] == name) values.push(this.values[i]);
    return values;
  }
}
