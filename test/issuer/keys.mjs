import crypto from 'node:crypto';

// Keys are an issuer's signing keys, one of each algorithm a generation, the
// newest first: oidc-provider signs with the first that fits.
export class Keys {
  #keys = [];
  #generation = 0;

  constructor() {
    this.add();
  }

  // add makes a new generation and keeps the old ones.
  add() {
    this.#generation++;
    this.#keys.unshift(this.#make('ES256', 'ec', { namedCurve: 'P-256' }), this.#make('RS256', 'rsa', { modulusLength: 2048 }));
  }

  // retire leaves only the newest generation.
  retire() {
    this.#keys.length = 2;
  }

  names() {
    return this.#keys.map(({ kid }) => kid);
  }

  private() {
    return structuredClone(this.#keys);
  }

  // forge signs any header and claims: with the newest key of the header's
  // algorithm, or the one that its kid names, or for HS256 with the spelling of
  // the RS256 public key that `secret` names. Any other algorithm: no signature.
  forge({ header, claims, secret }) {
    const key = this.#keys.find(({ kid }) => kid === header.kid) ?? this.#keys.find(({ alg }) => alg === header.alg);
    const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${text}.${this.#sign(text, header.alg, key, secret)}`;
  }

  #make(alg, type, options) {
    const { privateKey } = crypto.generateKeyPairSync(type, options);
    const kid = `${alg}-${this.#generation}-${crypto.randomUUID().slice(0, 8)}`;
    return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid };
  }

  #sign(text, alg, key, secret) {
    switch (alg) {
      case 'ES256':
      case 'RS256':
        return crypto.sign('sha256', text, { key: crypto.createPrivateKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }).toString('base64url');
      case 'HS256':
        return crypto.createHmac('sha256', this.#spelling(secret)).update(text).digest('base64url');
      default:
        return '';
    }
  }

  #spelling(name) {
    const key = crypto.createPublicKey({ key: this.#keys.find(({ alg }) => alg === 'RS256'), format: 'jwk' });
    switch (name) {
      case 'pem':
        return key.export({ format: 'pem', type: 'spki' });
      case 'der':
        return key.export({ format: 'der', type: 'spki' });
      case 'jwk':
        return JSON.stringify(key.export({ format: 'jwk' }));
      case 'empty':
        return '';
      default:
        throw new Error(`no spelling ${name}`);
    }
  }
}
