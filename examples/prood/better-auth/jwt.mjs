// Prints a JWT of an agent for one request, as JWT='...': node jwt.mjs AGENT reads the
// variables AGENT_ID and AGENT_KEY, which people.mjs printed.
import { Agent } from './agent.mjs';

const agent = Agent.fromWords(process.argv[2], process.env);
console.log(`JWT='${agent.token(process.env.BETTER_AUTH_URL ?? 'https://api.prood.test')}'`);
