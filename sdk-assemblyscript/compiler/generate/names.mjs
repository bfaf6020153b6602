// WIT's names as AssemblyScript's.

const RESERVED = new Set(
  `abstract as break case catch class const continue debugger declare default delete do else enum export extends false
  finally for from function get if implements import in instanceof interface is keyof let module namespace new null of
  override package private protected public readonly return set static super switch this throw true try type typeof
  var void while with yield`.split(/\s+/),
);

export const pascal = (name) => name.split("-").map((part) => part[0].toUpperCase() + part.slice(1)).join("");

/** For variables and members. */
export function camel(name) {
  const joined = pascal(name);
  const text = joined[0].toLowerCase() + joined.slice(1);
  return RESERVED.has(text) ? `${text}_` : text;
}

/** For names of our own that are made of WIT's. */
export const coreName = (name) => name.replaceAll("-", "_");
