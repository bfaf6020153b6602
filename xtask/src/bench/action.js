// An OpenWhisk action of JavaScript text on the framework that openwhisk-runtime-nodejs
// stands on: what `cargo xtask bench cold-start warm languages` compares with. As there,
// the code is evaluated in the server's own context, bodies may have 48 MB, and each
// activation ends with a sentinel on both streams.
//
//     NODE_PATH=FOLDER_WITH_EXPRESS node action.js PORT

"use strict";
const express = require("express");

const SENTINEL = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX";

let main;

function init({ code, main: name }) {
  main = (0, eval)(`(function () { ${code}\nreturn ${name}; })`)();
  return { OK: true };
}

async function run(parameters) {
  const result = await main(parameters);
  console.log(SENTINEL);
  console.error(SENTINEL);
  return result;
}

const answer = (endpoint) => async (request, response) => {
  try {
    response.json(await endpoint(request.body.value));
  } catch (error) {
    response.status(502).json({ error: String(error) });
  }
};

const app = express();
app.use(express.json({ limit: "48mb" }));
app.post("/init", answer(init));
app.post("/run", answer(run));
app.use((request, response) => response.status(500).json({ error: "Bad request." }));
app.listen(Number(process.argv[2]), "127.0.0.1");
