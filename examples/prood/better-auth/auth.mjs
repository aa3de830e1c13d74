// The Better Auth of the shop platform, as its documentation tells to set it up:
// people with passwords, organizations, API keys with metadata, and agents.
import { agentAuth } from '@better-auth/agent-auth';
import { apiKey } from '@better-auth/api-key';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { getAuthTables } from 'better-auth/db';
import { organization } from 'better-auth/plugins';

// agentLife bounds an agent from its activation on, in seconds. The plugin would
// rather move an expiry with each request that it sees. It sees none here: Sallyport
// verifies agents by itself.
export const agentLife = 24 * 60 * 60;

// tables gives memoryAdapter what it asks for, a plain object with every table.
function tables(definitions) {
  const database = {};
  for (const [name, { modelName }] of Object.entries(definitions)) {
    database[name] = [];
    database[modelName] = database[name];
  }
  return database;
}

const capabilities = Object.entries({
  listProducts: 'List the products of a shop',
  getProduct: 'Read one product',
  createCart: 'Begin a cart',
  placeOrder: 'Place the order of a cart',
  adminListOrders: 'List all orders of the shop',
  adminCreateProduct: 'Add a product to the catalogue',
}).map(([name, description]) => ({ name, description }));

// makeAuth makes one whose tables live in memory: an example forgets, a shop names a
// database here. url is where people and agents reach it, through Envoy.
export function makeAuth({ url, secret }) {
  const options = {
    baseURL: url,
    secret,
    telemetry: { enabled: false },
    emailAndPassword: { enabled: true },
    plugins: [
      organization(),
      // Without enableMetadata a key cannot say which organization it is for. The
      // quota of 10 uses a day that a key has by default stays: it counts uses
      // that the plugin verifies, and Sallyport asks for records instead.
      apiKey({ enableMetadata: true, defaultPrefix: 'pk_', keyExpiration: { minExpiresIn: 0 } }),
      agentAuth({
        providerName: 'Prood Commerce API',
        providerDescription: 'Shops, for agents',
        capabilities,
        modes: ['delegated'],
        allowDynamicHostRegistration: true,
        agentSessionTTL: 0,
        agentMaxLifetime: agentLife,
      }),
    ],
  };
  return betterAuth({ ...options, database: memoryAdapter(tables(getAuthTables(options))) });
}
