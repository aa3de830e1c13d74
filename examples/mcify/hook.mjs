// The operator's own service that judges tokens: Sallyport posts {"token":"..."} to
// /verify, once a request, and learns who has it.
//
//   node hook.mjs [--free] [--attached]
//
// The secrets of this example are made where they are not there: hook.secret, which
// Sallyport shows, and auth-token.secret, the fixed token of the servers beside. With
// --free it listens on a free port, and with --attached it ends when its standard input
// does; else on SIGTERM. A line of JSON says where it listens, and whom it knows.
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { parseArgs } from 'node:util';

const port = 9494;
const { values } = parseArgs({
  allowPositionals: true, // whoever runs examples names a folder of packages: none is needed
  options: { free: { type: 'boolean', default: false }, attached: { type: 'boolean', default: false } },
});
process.on('SIGTERM', () => process.exit(0));
if (values.attached) process.stdin.on('end', () => process.exit(0)).resume();

const secret = secretIn('hook.secret');
const authToken = secretIn('auth-token.secret');
const tokens = { ANN_TOKEN: random(), BOB_TOKEN: random() };

// sessions would be a table of the service's own.
const sessions = new Map([
  [tokens.ANN_TOKEN, { userId: 'ann', scopes: ['payments:read'], plan: 'free' }],
  [tokens.BOB_TOKEN, { userId: 'bob', scopes: ['payments:read', 'payments:write'], plan: 'team' }],
]);

// verify is mcify's own: null is 401.
async function verify(token) {
  const session = sessions.get(token);
  if (!session) return null;
  return { token, claims: session };
}

const server = http.createServer(async (request, response) => {
  if (request.method !== 'POST' || request.url !== '/verify') return response.writeHead(404).end();
  if (!equal(request.headers.authorization ?? '', `Bearer ${secret}`)) return response.writeHead(401).end();
  try {
    let text = '';
    for await (const part of request) text += part;
    const answer = await verify(JSON.parse(text).token);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  } catch {
    response.writeHead(500).end();
  }
});
server.listen(values.free ? 0 : port, '127.0.0.1', () => {
  console.log(JSON.stringify({
    places: { [`127.0.0.1:${port}`]: `127.0.0.1:${server.address().port}` },
    variables: { MCIFY_AUTH_TOKEN: authToken, ...tokens },
  }));
});

function random() {
  return crypto.randomBytes(32).toString('hex');
}

// secretIn reads a secret beside this script, and makes it where there is none.
function secretIn(name) {
  const file = new URL(name, import.meta.url);
  if (!fs.existsSync(file)) fs.writeFileSync(file, random() + '\n', { mode: 0o600, flag: 'wx' });
  return fs.readFileSync(file, 'utf8').trim();
}

// equal compares in constant time.
function equal(a, b) {
  const digest = (text) => crypto.createHash('sha256').update(text).digest();
  return crypto.timingSafeEqual(digest(a), digest(b));
}
