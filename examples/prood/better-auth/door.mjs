// Door lets whoever shows the secret ask for records, over HTTP:
//
//   POST /records  {"kind":"session","id":"..."}
//   200            {"found":true,"record":{...}} or {"found":false}
//
// Every other status means that it could not tell.
import crypto from 'node:crypto';

const longest = 4096; // of a question, in bytes

export class Door {
  #records;
  #secret;

  constructor(records, secret) {
    this.#records = records;
    this.#secret = digest('Bearer ' + secret);
  }

  async answer(request, response) {
    try {
      const [status, answer] = await this.#reply(request);
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(answer));
    } catch (error) {
      console.error('records:', error);
      response.writeHead(500).end();
    }
  }

  async #reply(request) {
    // Digests are equally long, so that nothing is learnt from how long it takes.
    if (!crypto.timingSafeEqual(digest(request.headers.authorization ?? ''), this.#secret)) {
      return [401, { error: 'the bearer token of this endpoint is needed' }];
    }
    if (request.url !== '/records') return [404, { error: 'ask at /records' }];
    if (request.method !== 'POST') return [405, { error: 'ask with POST' }];
    const question = parsed(await whole(request));
    if (question === null) return [400, { error: 'want {"kind":"...","id":"..."}' }];
    const record = await this.#records.find(question.kind, question.id);
    if (record === undefined) return [400, { error: 'kind is key, agent, session or members' }];
    return [200, record === null ? { found: false } : { found: true, record }];
  }
}

function digest(text) {
  return crypto.createHash('sha256').update(text).digest();
}

async function whole(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > longest) return '';
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function parsed(text) {
  try {
    const { kind, id } = JSON.parse(text);
    return typeof kind === 'string' && typeof id === 'string' && id !== '' ? { kind, id } : null;
  } catch {
    return null;
  }
}
