// An example service, as the Manager's documentation tells to write one: it tries its
// token at the check endpoint, and then registers its backend with the same token.
//
//   MANAGER_URL=http://127.0.0.1:8080 MACHINE_TOKEN=mu_... node service.mjs

const { MANAGER_URL, MACHINE_TOKEN } = process.env;

async function ask(path, options = {}) {
  const response = await fetch(`${MANAGER_URL}${path}`, {
    ...options,
    headers: { Authorization: `Bearer ${MACHINE_TOKEN}`, 'Content-Type': 'application/json' },
  });
  if (!response.ok) {
    throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }
  return response.json();
}

try {
  await ask('/api/machine/check');
  console.log('authenticated');
  await ask('/api/machine/register-backend', {
    method: 'POST',
    body: JSON.stringify({ callback_url: 'https://backend.example.com', version: '1.0.0', application_id: 'a1' }),
  });
  console.log('registered');
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
