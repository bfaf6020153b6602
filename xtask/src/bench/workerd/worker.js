// The action `hello` as a worker: what `cargo xtask bench warm` compares with.

export default {
  async fetch(request) {
    const { value } = await request.json();
    return Response.json({ greeting: `Hello, ${value.name}!` });
  },
};
