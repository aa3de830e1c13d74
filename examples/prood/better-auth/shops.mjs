// Two shops with an owner each, and the keys that the tour and the documentation use,
// so that there is something to look at: the hosts in sallyport.yaml belong to
// organizations, which are named there by their ids.
export const shops = [
  {
    id: 'A', slug: 'acme', name: 'Acme',
    owner: { name: 'Ann', email: 'ann@acme.test', password: 'an example, Ann' },
    keys: [
      { id: 'acme-admin', sha256: '638c940aa58a25dd893d1d0ea15ca37dbe6c2cb51f3b4f5742cfd0f4d84c3e60', scopes: ['admin'] },
      { id: 'acme-storefront', sha256: '7f827fbe882b5035fd088edb238a0241f5896bb578cffd8b1986eaa2273bfe01', scopes: ['storefront'] },
      { id: 'acme-retired', sha256: 'bb72b5ef36ca3ab3b07706bb2c19fe630761da129b91603c029bc54133de8b04', scopes: ['storefront', 'admin'], enabled: false },
      { id: 'documentation', sha256: 'cc60dcd47be03fc396599729eece5eb2fc639b15b6f3b33e98f5b99dfd5e3a8f', scopes: ['admin'] },
    ],
  },
  {
    id: 'B', slug: 'bolt', name: 'Bolt',
    owner: { name: 'Bob', email: 'bob@bolt.test', password: 'an example, Bob' },
    keys: [{ id: 'bolt-storefront', sha256: '5288c2168e7b0aef1824715b8fea9c8c8c47800845111afdf4d7f2e193f54a4e', scopes: ['storefront'] }],
  },
];

// found makes them. Better Auth would choose ids and keys of its own for what is
// created over HTTP, so the rows are written directly.
export async function found(auth) {
  const { adapter } = await auth.$context;
  const add = (model, data) => adapter.create({ model, forceAllowId: true, data: { createdAt: new Date(), ...data } });
  for (const { id, slug, name, owner, keys } of shops) {
    const { user } = await auth.api.signUpEmail({ body: owner });
    await add('organization', { id, slug, name });
    await add('member', { organizationId: id, userId: user.id, role: 'owner' });
    for (const key of keys) await add('apikey', keyRow(key, id, user.id));
  }
}

function keyRow({ id, sha256, scopes, enabled = true }, organizationId, referenceId) {
  return {
    id,
    key: Buffer.from(sha256, 'hex').toString('base64url'),
    configId: 'default',
    enabled,
    referenceId,
    metadata: { organizationId, scopes },
    remaining: null,
    updatedAt: new Date(),
  };
}
