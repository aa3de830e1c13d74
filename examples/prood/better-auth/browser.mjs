// Browser is one person at Better Auth's own pages, with a session.
const cookieName = '__Secure-better-auth.session_token';

export class Browser {
  #base;
  #cookie = '';
  email;

  // base is where Better Auth listens, url where it believes that it is reached.
  constructor(base, url) {
    this.#base = `${base}/api/auth`;
    this.url = url;
  }

  async signUp(name) {
    this.email = `${name.toLowerCase()}@people.test`;
    await this.ask('/sign-up/email', { name, email: this.email, password: `an example, ${name}` });
    return this;
  }

  async signIn({ email, password }) {
    this.email = email;
    await this.ask('/sign-in/email', { email, password });
    return this;
  }

  // ask sends JSON as these pages do, with a bearer token instead of the session where
  // one is given.
  async ask(path, body, bearer) {
    const headers = { 'content-type': 'application/json', origin: this.url };
    if (bearer) headers.authorization = `Bearer ${bearer}`;
    else if (this.#cookie) headers.cookie = this.#cookie;
    const response = await fetch(this.#base + path, { method: 'POST', headers, body: JSON.stringify(body) });
    for (const line of response.headers.getSetCookie()) {
      const [pair] = line.split(';');
      if (pair.startsWith(`${cookieName}=`)) this.#cookie = pair;
    }
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  // cookie is the whole header.
  get cookie() {
    return this.#cookie;
  }
}
