// Runs the Better Auth of this example, with the door to its records beside it:
//
//   node server.mjs NODE_MODULES [--secrets FOLDER] [--url https://api.prood.test]
//
// FOLDER, by default the one above this, holds the secrets of both in the files
// better-auth.secret and records.secret, which are made where they are not there.
// With --free it listens on free ports instead of those below, and with --attached
// it ends when its standard input does; else on SIGTERM. A line of JSON says where
// it listens, and what scripts should know.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { packagesFrom } from './packages.mjs';

const authPort = 3010;
const recordsPort = 3011;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    secrets: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
    url: { type: 'string', default: 'https://api.prood.test' },
    free: { type: 'boolean', default: false },
    attached: { type: 'boolean', default: false },
  },
});
if (positionals.length !== 1) {
  console.error('name the folder of node_modules: node server.mjs NODE_MODULES');
  process.exit(2);
}
process.on('SIGTERM', () => process.exit(0));
if (values.attached) process.stdin.on('end', () => process.exit(0)).resume();

packagesFrom(positionals[0]);
const { serve } = await import('./service.mjs');
const { pages, records } = await serve({
  secrets: values.secrets,
  ports: values.free ? { auth: 0, records: 0 } : { auth: authPort, records: recordsPort },
  url: values.url,
});
console.log(JSON.stringify({
  places: { [`127.0.0.1:${authPort}`]: pages, [`127.0.0.1:${recordsPort}`]: records },
  variables: { BETTER_AUTH: `http://${pages}` },
}));
