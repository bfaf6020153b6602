// An OpenWhisk action of JavaScript text, as simply as Node.js can serve it: what
// `cargo xtask bench cold-start warm` compares with. The code is evaluated in the same
// context as the server, as openwhisk-runtime-nodejs does it.
//
//     node action.js PORT

"use strict";
const http = require("http");

let main;

function init({ code, main: name }) {
  main = (0, eval)(`(function () { ${code}\nreturn ${name}; })`)();
  return { ok: true };
}

async function run(parameters) {
  const result = await main(parameters);
  process.stdout.write("XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX\n");
  process.stderr.write("XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX\n");
  return result;
}

const routes = { "/init": init, "/run": run };

http
  .createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", async () => {
      let status = 200;
      let answer;
      try {
        answer = await routes[request.url](JSON.parse(Buffer.concat(chunks)).value);
      } catch (error) {
        [status, answer] = [502, { error: String(error) }];
      }
      const body = Buffer.from(JSON.stringify(answer));
      const headers = { "Content-Type": "application/json", "Content-Length": body.length };
      response.writeHead(status, headers).end(body);
    });
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
