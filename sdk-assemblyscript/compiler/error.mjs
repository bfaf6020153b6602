/** What the user has to change. */
export class BuildError extends Error {}
