// Fault spoils the answers at paths that begin with its path; without a path it
// spoils nothing.
export class Fault {
  #now = {};

  set(fault) {
    this.#now = fault;
  }

  // before calls answer, or answers itself, as the fault says: late, with a
  // status and a body of its own, or never.
  before(path, response, answer) {
    const { path: spoilt, delay = 0, hang, status, body = '' } = this.#now;
    if (!spoilt || !path.startsWith(spoilt)) {
      answer();
      return;
    }
    if (hang) return;
    setTimeout(() => {
      if (!status) {
        answer();
        return;
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    }, delay);
  }
}
