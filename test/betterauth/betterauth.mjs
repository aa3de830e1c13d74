// The Better Auth of examples/prood as it stands there, on free ports, with one port
// more by which package betterauth asks it what it does not say over HTTP. Usage:
// node betterauth.mjs FOLDER-OF-NODE_MODULES FOLDER-OF-SECRETS.
//
// It prints one line of JSON when all ports are bound, and ends on SIGTERM or when
// its standard input ends, so that it never outlives who started it.
import http from 'node:http';

import { packagesFrom } from '../../examples/prood/better-auth/packages.mjs';

const [, , modules, secrets] = process.argv;
packagesFrom(modules);
const { serve } = await import('../../examples/prood/better-auth/service.mjs');

process.on('SIGTERM', () => process.exit(0));
process.stdin.on('end', () => process.exit(0)).resume();

const asked = [];
const { auth, pages, records } = await serve({
  secrets,
  ports: { auth: 0, records: 0 },
  url: 'https://api.prood.test',
  observe: (kind) => asked.push(kind),
});

const orders = {
  // What Better Auth itself says of a key: over HTTP nobody may ask it.
  verify: ({ key }) => auth.api.verifyApiKey({ body: { key } }),
  // A key that is counted: a client may not ask for one.
  counted: ({ user, uses }) => auth.api.createApiKey({ body: { userId: user, remaining: uses } }),
  asked: () => asked,
};

const control = http.createServer(async (request, response) => {
  try {
    let text = '';
    for await (const part of request) text += part;
    response.end(JSON.stringify((await orders[request.url.slice(1)](JSON.parse(text))) ?? null));
  } catch (err) {
    response.writeHead(500).end(String(err.stack));
  }
});
control.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ auth: pages, records, control: `127.0.0.1:${control.address().port}`, pid: process.pid }));
});
