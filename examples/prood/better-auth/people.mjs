// Does at Better Auth what people do, over its own HTTP API, and prints what they have
// from it, as NAME='VALUE' for a shell: cookies, keys and agents. It asks the one that
// the variable BETTER_AUTH names, by default http://127.0.0.1:3010.
import { Agent } from './agent.mjs';
import { Browser } from './browser.mjs';
import { shops } from './shops.mjs';

const base = process.env.BETTER_AUTH ?? 'http://127.0.0.1:3010';
const url = process.env.BETTER_AUTH_URL ?? 'https://api.prood.test';
const [acme, bolt] = shops;
const browser = () => new Browser(base, url);

function say(variables) {
  for (const [name, value] of Object.entries(variables)) console.log(`${name}='${value}'`);
}

// The owners, each at work for their own shop; Ann with an agent and a key.
const ann = await browser().signIn(acme.owner);
await ann.ask('/organization/set-active', { organizationId: acme.id });
const bob = await browser().signIn(bolt.owner);
await bob.ask('/organization/set-active', { organizationId: bolt.id });
const agent = await new Agent().register(ann, ['listProducts', 'createCart']);
const { key } = await ann.ask('/api-key/create', { name: 'backend', metadata: { organizationId: acme.id, scopes: ['admin'] } });
say({ ANN: ann.cookie, BOB: bob.cookie, KEY: key, ...agent.words('AGENT') });

// Carl buys something now and then. He belongs to no shop.
const carl = await browser().signUp('Carl');
say({ CARL: carl.cookie });

// Fred worked for Acme. His session still says so.
const fred = await browser().signUp('Fred');
const { id } = await ann.ask('/organization/invite-member', { organizationId: acme.id, email: fred.email, role: 'admin' });
await fred.ask('/organization/accept-invitation', { invitationId: id });
await fred.ask('/organization/set-active', { organizationId: acme.id });
await ann.ask('/organization/remove-member', { organizationId: acme.id, memberIdOrEmail: fred.email });
say({ FRED: fred.cookie });

// Mallory never did. Better Auth lets her write what she likes into what is hers.
const mallory = await browser().signUp('Mallory');
const forged = { organizationId: acme.id, scopes: ['admin'] };
const claim = await mallory.ask('/api-key/create', { name: 'mine', metadata: forged });
const spy = await new Agent().register(mallory, ['adminCreateProduct']);
await mallory.ask('/agent/update', { agent_id: spy.id, metadata: { organizationId: acme.id } });
say({ FORGED_KEY: claim.key, ...spy.words('FORGED_AGENT') });
