// A real oidc-provider on a free loopback port, with a second port by which
// package issuer steers it. Usage: node issuer.mjs FOLDER-OF-NODE_MODULES.
//
// It prints one line of JSON when both ports are bound, and ends on SIGTERM or
// when its standard input ends, so that it never outlives who started it.
import http from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { Fault } from './fault.mjs';
import { Keys } from './keys.mjs';

const modules = process.argv[2];
const { Provider } = await import(pathToFileURL(path.join(modules, 'oidc-provider/lib/index.js')));

// clients are public knowledge: the tests' own, on loopback.
const clients = [
  ...Object.entries({ acme: 'acme', 'acme-staff': 'acme', globex: 'globex', homeless: undefined }).map(([id, tenant]) => ({
    client_id: id,
    client_secret: 'secret-of-' + id,
    tenant,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  })),
  {
    // A resource server that asks about tokens. Its name shows whether clients encode it.
    client_id: 'shop:api',
    client_secret: 'secret-of-shop:api',
    grant_types: [],
    response_types: [],
    redirect_uris: [],
  },
  {
    client_id: 'browser',
    client_secret: 'secret-of-browser',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: ['https://app.test/callback'],
  },
];

// resource makes a resource server of an identifier (RFC 8707), which is a URL
// whose query says how tokens for it are made.
function resource(identifier) {
  const settings = new URL(identifier).searchParams;
  return {
    audience: settings.get('aud'),
    scope: 'read write admin',
    accessTokenFormat: settings.get('format') ?? 'jwt',
    accessTokenTTL: Number(settings.get('ttl') ?? 300),
    jwt: { sign: { alg: settings.get('alg') ?? 'ES256' } },
  };
}

const life = (ctx, token) => token.resourceServer?.accessTokenTTL ?? 300;

const keys = new Keys();
const fault = new Fault();
const fetches = [];
let issuer;
let answer;

// renew makes a provider of today's keys: it takes no others while it lives.
function renew() {
  const provider = new Provider(issuer, {
    jwks: { keys: keys.private() },
    clients,
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    extraClientMetadata: { properties: ['tenant'] },
    extraTokenClaims: (ctx, token) => ({ tenant: ctx.oidc.client.tenant, role: token.accountId ? 'member' : 'service' }),
    scopes: ['openid', 'offline_access', 'read', 'write', 'admin'],
    enabledJWA: { idTokenSigningAlgValues: ['ES256', 'RS256'] },
    cookies: { keys: ['a key of the tests'] },
    ttl: { AccessToken: life, ClientCredentials: life, IdToken: 300, RefreshToken: 300, Grant: 300, Session: 300, Interaction: 300 },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo: (ctx, identifier) => resource(identifier) },
    },
  });
  answer = provider.callback();
}

const server = http.createServer((request, response) => {
  const { pathname } = new URL(request.url, issuer);
  fetches.push({ path: pathname, at: Date.now() });
  fault.before(pathname, response, () => answer(request, response));
});

// listen binds, and binds again where the port is still held for a moment.
function listen(bound, port) {
  return new Promise((resolve, reject) => {
    let tries = 50;
    bound.on('error', function again(err) {
      if (err.code !== 'EADDRINUSE' || --tries === 0) return reject(err);
      setTimeout(() => bound.listen(port, '127.0.0.1'), 100);
    });
    bound.listen(port, '127.0.0.1', () => {
      bound.removeAllListeners('error');
      resolve(`http://127.0.0.1:${bound.address().port}`);
    });
  });
}

function leave() {
  return new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}

const orders = {
  rotate: () => { keys.add(); renew(); return keys.names(); },
  retire: () => { keys.retire(); renew(); return keys.names(); },
  leave,
  return: () => listen(server, new URL(issuer).port),
  fail: (order) => fault.set(order),
  fetches: () => fetches,
  forge: (order) => keys.forge(order),
};

const control = http.createServer(async (request, response) => {
  try {
    let text = '';
    for await (const part of request) text += part;
    const result = await orders[request.url.slice(1)](JSON.parse(text || '{}'));
    response.end(JSON.stringify(result ?? null));
  } catch (err) {
    response.writeHead(500).end(String(err.stack));
  }
});

process.on('SIGTERM', () => process.exit(0));
process.stdin.on('end', () => process.exit(0)).resume();

issuer = await listen(server, 0);
renew();
console.log(JSON.stringify({ issuer, control: await listen(control, 0), pid: process.pid }));
