// Agent is a program that acts for a person once they have approved it. It signs a
// JWT of its own for each request.
import crypto from 'node:crypto';

export class Agent {
  #key;
  id;

  constructor(key = crypto.generateKeyPairSync('ed25519').privateKey, id) {
    this.#key = key;
    this.id = id;
  }

  // register asks for an agent with capabilities, which browser's person approves by
  // the code that they are shown.
  async register(browser, capabilities) {
    const host = new Agent();
    const bearer = host.#sign('host+jwt', {
      aud: browser.url, iss: host.#thumbprint(), host_public_key: host.#jwk(), agent_public_key: this.#jwk(),
    });
    const body = { name: 'assistant', host_name: 'tour', mode: 'delegated', capabilities };
    const { agent_id, approval } = await browser.ask('/agent/register', body, bearer);
    await browser.ask('/agent/approve-capability', { agent_id, user_code: approval.user_code, action: 'approve' });
    this.id = agent_id;
    return this;
  }

  // token is good for one request, within a minute.
  token(url) {
    return this.#sign('agent+jwt', { aud: url, sub: this.id });
  }

  // words are the agent as two shell variables with this prefix, fromWords reads them.
  words(prefix) {
    const { d, x } = this.#key.export({ format: 'jwk' });
    return { [`${prefix}_ID`]: this.id, [`${prefix}_KEY`]: `${d}.${x}` };
  }

  static fromWords(prefix, variables) {
    const [d, x] = variables[`${prefix}_KEY`].split('.');
    const key = crypto.createPrivateKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', d, x } });
    return new Agent(key, variables[`${prefix}_ID`]);
  }

  #jwk() {
    const { kty, crv, x } = crypto.createPublicKey(this.#key).export({ format: 'jwk' });
    return { kty, crv, x };
  }

  #thumbprint() {
    const { kty, crv, x } = this.#jwk();
    return crypto.createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
  }

  #sign(typ, claims) {
    const now = Math.floor(Date.now() / 1000);
    const all = { iat: now, exp: now + 60, jti: crypto.randomUUID(), ...claims };
    const text = [{ alg: 'EdDSA', typ }, all].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${text}.${crypto.sign(null, Buffer.from(text), this.#key).toString('base64url')}`;
  }
}
