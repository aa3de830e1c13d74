// Records answers what Sallyport asks about API keys, agents, sessions and
// memberships, by reading the rows of Better Auth through its own adapter. It
// changes nothing: no quota is used up, no one-time token is spent, no session is
// made longer.
import crypto from 'node:crypto';

import { agentLife } from './auth.mjs';

// most is how many rows of one owner are read. An owner of more is an error, as an
// answer that holds some of them would say that the others are not there.
const most = 1000;

export class Records {
  #adapter;

  constructor(adapter) {
    this.#adapter = adapter;
  }

  // find gives the record, or null where there is none for certain. A kind that
  // nobody knows is undefined.
  find(kind, id) {
    switch (kind) {
      case 'key':
        return this.#key(id);
      case 'agent':
        return this.#agent(id);
      case 'session':
        return this.#session(id);
      case 'members':
        return this.#members(id);
      default:
        return undefined;
    }
  }

  // A key is known by the digest under which Better Auth stores it: base64url of the
  // whole key's SHA-256. One that is counted down to nothing may do nothing.
  async #key(digest) {
    const row = await this.#one('apikey', 'key', digest);
    if (row === null) return null;
    const { organizationId, scopes } = described(row.metadata);
    return {
      digest: row.key,
      id: row.id,
      user: row.referenceId,
      enabled: row.enabled !== false && row.remaining !== 0,
      expires: time(row.expiresAt),
      tenant: text(organizationId),
      scopes: scopes === undefined ? null : texts(scopes),
    };
  }

  async #agent(id) {
    const row = await this.#one('agent', 'id', id);
    if (row === null) return null;
    const host = row.hostId ? await this.#one('agentHost', 'id', row.hostId) : null;
    const grants = await this.#all('agentCapabilityGrant', 'agentId', id);
    return {
      id: row.id,
      user: row.userId ?? host?.userId ?? '',
      status: row.status,
      expires: time(earlier(row.expiresAt, lifeEnd(row))),
      tenant: text(described(row.metadata).organizationId),
      host_id: row.hostId ?? '',
      host_thumbprint: thumbprint(jwk(host)),
      public_key: jwk(row) ?? {},
      grants: grants.map((grant) => ({
        capability: grant.capability,
        status: grant.status,
        expires: time(grant.expiresAt),
        // Constraints say which arguments an operation may have: whoever asks for
        // records does not see arguments, and cannot hold anybody to them.
        constrained: Boolean(grant.constraints),
      })),
    };
  }

  async #session(token) {
    const row = await this.#one('session', 'token', token);
    if (row === null) return null;
    return { id: row.id, user: row.userId, expires: time(row.expiresAt), tenant: text(row.activeOrganizationId) };
  }

  async #members(user) {
    const rows = await this.#all('member', 'userId', user);
    return {
      user,
      members: rows.map((row) => ({ id: row.id, organization: row.organizationId, role: row.role, created: time(row.createdAt) })),
    };
  }

  #one(model, field, value) {
    return this.#adapter.findOne({ model, where: [{ field, value }] });
  }

  async #all(model, field, value) {
    const rows = await this.#adapter.findMany({ model, where: [{ field, value }], limit: most + 1 });
    if (rows.length > most) throw new Error(`more than ${most} rows of ${model} for one owner`);
    return rows;
  }
}

// described reads metadata, which older versions stored as text in text.
function described(metadata) {
  let value = metadata;
  if (typeof value === 'string') {
    try {
      value = JSON.parse(value);
    } catch {
      return {};
    }
  }
  return typeof value === 'object' && value !== null ? value : {};
}

// text is "" for what is none: whoever wrote it can write anything.
function text(value) {
  return typeof value === 'string' ? value : '';
}

// texts is empty for what is no list: then it grants nothing.
function texts(value) {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function time(value) {
  return value ? new Date(value).toISOString() : null;
}

function lifeEnd({ activatedAt, createdAt }) {
  return new Date(new Date(activatedAt ?? createdAt).getTime() + agentLife * 1000);
}

function earlier(a, b) {
  return a && new Date(a) < b ? a : b;
}

// jwk is the public key of an agent or a host, or null where it has none of its own:
// what a JWKS elsewhere says is not known here.
function jwk(row) {
  return row?.publicKey && !row.jwksUrl ? JSON.parse(row.publicKey) : null;
}

// thumbprint is that of RFC 7638, of the one key type that agents have.
function thumbprint(key) {
  if (key?.kty !== 'OKP') return '';
  return crypto.createHash('sha256').update(JSON.stringify({ crv: key.crv, kty: key.kty, x: key.x })).digest('base64url');
}
