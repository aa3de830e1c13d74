// Better Auth on one loopback port, and the door to its records on another.
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

import { toNodeHandler } from 'better-auth/node';

import { makeAuth } from './auth.mjs';
import { Door } from './door.mjs';
import { Records } from './records.mjs';
import { found } from './shops.mjs';

// serve gives the auth itself and where it and its records are asked, as host:port.
// secrets is the folder of the two files, ports are those to bind; 0 is a free one.
// observe is told the kind of each record that is asked for.
export async function serve({ secrets, ports, url, observe = () => {} }) {
  const auth = makeAuth({ url, secret: secretIn(secrets, 'better-auth.secret') });
  await found(auth);
  const pages = toNodeHandler(auth);
  const records = new Records((await auth.$context).adapter);
  const door = new Door({ find: (kind, id) => (observe(kind), records.find(kind, id)) }, secretIn(secrets, 'records.secret'));
  return {
    auth,
    pages: await listen(ports.auth, (request, response) => {
      if (request.url === '/.well-known/agent-configuration') return discover(request, response, pages);
      return pages(request, response);
    }),
    records: await listen(ports.records, (request, response) => door.answer(request, response)),
  };
}

// discover serves the plugin's own document where agents look for it.
function discover(request, response, pages) {
  if (request.method !== 'GET') return response.writeHead(405, { allow: 'GET' }).end();
  request.url = '/api/auth/agent-configuration';
  return pages(request, response);
}

// secretIn reads a secret, and makes it where there is none.
function secretIn(folder, name) {
  const file = path.join(folder, name);
  if (!fs.existsSync(file)) {
    fs.writeFileSync(file, crypto.randomBytes(32).toString('hex') + '\n', { mode: 0o600, flag: 'wx' });
  }
  const secret = fs.readFileSync(file, 'utf8').trim();
  if (secret.length < 32) throw new Error(`${name} holds less than 32 characters: openssl rand -hex 32 makes a secret`);
  return secret;
}

// listen binds to loopback alone.
function listen(port, answer) {
  const server = http.createServer(answer);
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(`127.0.0.1:${server.address().port}`));
  });
}
