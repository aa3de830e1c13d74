// Imports npm packages from a folder elsewhere, as this example has none of its own:
// one that is installed beside its node_modules needs nothing of this.
import { register } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

// packagesFrom makes imports by a package's name, from now on, begin at that folder.
export function packagesFrom(folder) {
  register(import.meta.url, { data: pathToFileURL(path.join(path.resolve(folder), 'from-here.mjs')).href });
}

let start;

// initialize and resolve are what Node calls (see the documentation of node:module).
export function initialize(data) {
  start = data;
}

export function resolve(specifier, context, next) {
  const outside = context.parentURL?.startsWith(new URL('.', import.meta.url).href);
  const named = !/^(node:|file:|\.|\/)/.test(specifier);
  return next(specifier, outside && named ? { ...context, parentURL: start } : context);
}
