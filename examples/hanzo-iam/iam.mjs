// An IAM in small beside this example: a real oidc-provider for tokens, at the paths of a
// Casdoor, and one person who is signed in.
//
//   node iam.mjs NODE_MODULES [--free] [--attached]
//
// iam.secret, by which Sallyport shows it who asks, is made where it is not there. With
// --free it listens on a free port, and with --attached it ends when its standard input
// does; else on SIGTERM. A line of JSON says where it listens, and what scripts should know.
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const port = 9595;
const audience = 'https://iam.hanzo.test/api/mcp';
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { free: { type: 'boolean', default: false }, attached: { type: 'boolean', default: false } },
});
if (positionals.length !== 1) {
  console.error('name the folder of node_modules: node iam.mjs NODE_MODULES');
  process.exit(2);
}
process.on('SIGTERM', () => process.exit(0));
if (values.attached) process.stdin.on('end', () => process.exit(0)).resume();
const { Provider } = await import(pathToFileURL(path.join(positionals[0], 'oidc-provider/lib/index.js')));

const random = () => crypto.randomBytes(24).toString('base64url');
const agentSecret = random();
const client = (id, secret, grants) => ({ client_id: id, client_secret: secret, grant_types: grants, response_types: [], redirect_uris: [] });

// issue makes the provider under the address that it has.
function issue(issuer) {
  const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return new Provider(issuer, {
    clients: [client('agent', agentSecret, ['client_credentials']), client('sallyport', secretIn('iam.secret'), [])],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'iam' }] },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    scopes: ['openid', 'application:read', 'application:write'],
    ttl: { ClientCredentials: 3600 },
    routes: { token: '/api/login/oauth/access_token', introspection: '/api/login/oauth/introspect', revocation: '/api/login/oauth/revoke' },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        getResourceServerInfo: (_, resource) => ({ audience: resource, scope: 'application:read application:write', accessTokenFormat: 'opaque' }),
      },
    },
  }).callback();
}

// sessions are of who is signed in: by the cookie, who.
const sessions = new Map([[random(), { status: 'ok', sub: 'hanzo/admin', owner: 'hanzo' }]]);

function userinfo(request, response) {
  const cookie = /(?:^|; )casdoor_session_id=([^;]*)/.exec(request.headers.cookie ?? '');
  const answer = sessions.get(cookie?.[1]) ?? { status: 'error', msg: 'Please login first' };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}

// secretIn reads a secret beside this script, and makes it where there is none.
function secretIn(name) {
  const file = new URL(name, import.meta.url);
  if (!fs.existsSync(file)) fs.writeFileSync(file, random() + '\n', { mode: 0o600, flag: 'wx' });
  return fs.readFileSync(file, 'utf8').trim();
}

// order has a token made as a client does.
async function order(iam, scope, resource = audience) {
  const response = await fetch(`${iam}/api/login/oauth/access_token`, {
    method: 'POST',
    headers: { authorization: 'Basic ' + Buffer.from(`agent:${agentSecret}`).toString('base64') },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource }),
  });
  if (!response.ok) throw new Error(`order a token: ${response.status} ${await response.text()}`);
  return (await response.json()).access_token;
}

let answer;
const server = http.createServer((request, response) => (request.url === '/api/userinfo' ? userinfo(request, response) : answer(request, response)));
server.listen(values.free ? 0 : port, '127.0.0.1', async () => {
  const address = `127.0.0.1:${server.address().port}`;
  const iam = `http://${address}`;
  answer = issue(iam);
  console.log(JSON.stringify({
    places: { [`127.0.0.1:${port}`]: address },
    variables: {
      IAM: iam,
      IAM_AGENT: `agent:${agentSecret}`,
      TK_R: await order(iam, 'application:read'),
      TK_W: await order(iam, 'application:write'),
      TK_REVOKED: await order(iam, 'application:read'),
      TK_OTHER: await order(iam, 'application:read', 'https://other.test/api'),
      SESSION: [...sessions.keys()][0],
    },
  }));
});
