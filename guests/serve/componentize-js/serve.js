// A server as componentize-js has it, in the words of the web platform: nothing of it was
// written for OpenWhisk.

addEventListener("fetch", (event) => event.respondWith(serve(event.request)));

async function serve(request) {
  const url = new URL(request.url);
  if (request.method === "GET" && url.pathname === "/hello") {
    const name = url.searchParams.get("name") ?? "World";
    return text(200, `Hello, ${name}!`);
  }
  if (request.method === "POST" && url.pathname === "/echo") {
    const body = await request.arrayBuffer();
    return new Response(body, { headers: { "content-type": "application/octet-stream" } });
  }
  return text(404, "not here");
}

function text(status, text) {
  return new Response(text, { status, headers: { "content-type": "text/plain" } });
}
