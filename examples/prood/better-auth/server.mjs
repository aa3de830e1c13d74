// Runs the Better Auth of this example, with the door to its records beside it:
//
//   node server.mjs NODE_MODULES [--secrets FOLDER] [--auth-port 3010] [--records-port 3011] [--url https://api.prood.test]
//
// FOLDER, by default the one above this, holds the files better-auth.secret and
// records.secret, each with a secret of 32 characters or more. One line of JSON
// says where it listens. It ends on SIGTERM, and with --attached when its standard
// input ends too.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { packagesFrom } from './packages.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    secrets: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
    'auth-port': { type: 'string', default: '3010' },
    'records-port': { type: 'string', default: '3011' },
    url: { type: 'string', default: 'https://api.prood.test' },
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
  secrets: path.resolve(values.secrets),
  ports: { auth: Number(values['auth-port']), records: Number(values['records-port']) },
  url: values.url,
});
console.log(JSON.stringify({ better_auth: pages, records }));
