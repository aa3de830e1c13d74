// Two shops with an owner each, so that there is something to look at: the hosts in
// sallyport.yaml belong to organizations, which are named there by their ids.
export const shops = [
  { id: 'A', slug: 'acme', name: 'Acme', owner: { name: 'Ann', email: 'ann@acme.test', password: 'an example, Ann' } },
  { id: 'B', slug: 'bolt', name: 'Bolt', owner: { name: 'Bob', email: 'bob@bolt.test', password: 'an example, Bob' } },
];

// found makes them. Better Auth would choose ids of its own for what is created over
// HTTP, so the rows are written directly.
export async function found(auth) {
  const { adapter } = await auth.$context;
  for (const { id, slug, name, owner } of shops) {
    const { user } = await auth.api.signUpEmail({ body: owner });
    const createdAt = new Date();
    await adapter.create({ model: 'organization', forceAllowId: true, data: { id, slug, name, createdAt } });
    await adapter.create({ model: 'member', data: { organizationId: id, userId: user.id, role: 'owner', createdAt } });
  }
}
