"use strict";
// GraphiQL over our own API: POST for queries and mutations, graphql-transport-ws for subscriptions.

let token = null;

function authorization(headers) {
  const typed = Object.entries(headers || {}).find(([name]) => name.toLowerCase() === "authorization");
  return typed ? typed[1] : token && `Bearer ${token}`;
}

// What gives a session, or gives it another token: the one before is worth nothing then.
const GIVE_TOKENS = ["signIn", "passSecondFactor", "confirmSecondFactor", "acceptInvitation"];

function remember(answer) {
  const signedIn = answer.data && GIVE_TOKENS.map((name) => answer.data[name]).find((each) => each && each.token);
  if (!signedIn) return;
  token = signedIn.token;
  if (signedIn.awaitsSecondFactor) {
    document.getElementById("session").textContent = "Falta el segundo paso: ejecute «PassSecondFactor».";
    return;
  }
  const name = signedIn.user && signedIn.user.fullName;
  document.getElementById("session").textContent = `Sesión iniciada${name ? `: ${name}` : ""}. Se olvida al cerrar la página.`;
}

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (each) => parseInt(each, 16));

// The security check: ALTCHA's challenge is a counter to be found, whose derived key begins as it says.
async function prove() {
  const asked = { query: "{ securityCheck { challenge } }" };
  const response = await fetch("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(asked) });
  const challenge = JSON.parse((await response.json()).data.securityCheck.challenge);
  const { nonce, salt, cost, keyLength, keyPrefix } = challenge.parameters;
  for (let counter = 0; ; counter += 1) {
    const password = new Uint8Array([...bytes(nonce), ...new Uint8Array(new Uint32Array([counter]).buffer).reverse()]);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derivation = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
    const derived = [...new Uint8Array(await crypto.subtle.deriveBits(derivation, key, keyLength * 8))];
    const derivedKey = derived.map((each) => each.toString(16).padStart(2, "0")).join("");
    if (derivedKey.startsWith(keyPrefix)) return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
  }
}

async function proved(asked) {
  const input = asked.variables && asked.variables.input;
  if (!input || input.proof !== "") return asked;
  return { ...asked, variables: { ...asked.variables, input: { ...input, proof: await prove() } } };
}

async function post(typed, options) {
  const asked = await proved(typed);
  const headers = { ...options.headers, "content-type": "application/json" };
  const bearer = authorization(options.headers);
  if (bearer) headers.authorization = bearer;
  const response = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify(asked) });
  const answer = await response.json();
  remember(answer);
  return answer;
}

function subscribe(asked, options, observer) {
  const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws");
  const send = (message) => socket.send(JSON.stringify(message));
  const fail = (message) => observer.next({ errors: [{ message }] });
  const on = {
    connection_ack: () => send({ id: "1", type: "subscribe", payload: asked }),
    ping: () => send({ type: "pong" }),
    next: (message) => observer.next(message.payload),
    error: (message) => {
      observer.next({ errors: message.payload });
      socket.close(1000);
    },
    complete: () => socket.close(1000),
  };
  socket.onopen = () => send({ type: "connection_init", payload: { authorization: authorization(options.headers) || "" } });
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (on[message.type]) on[message.type](message);
  };
  socket.onclose = (event) => {
    if (event.code === 4403) fail("Ejecute antes «Ingresar»: la suscripción necesita una sesión.");
    else if (event.code !== 1000) fail(`La conexión se cortó (${event.code}). Ejecute otra vez la suscripción.`);
    observer.complete();
  };
  const unsubscribe = () => {
    socket.onclose = null;
    socket.close(1000);
  };
  return { unsubscribe };
}

function isSubscription(asked, options) {
  const operations = (options.documentAST ? options.documentAST.definitions : []).filter((each) => each.kind === "OperationDefinition");
  const chosen = operations.find((each) => !asked.operationName || (each.name && each.name.value === asked.operationName));
  return Boolean(chosen) && chosen.operation === "subscription";
}

function fetcher(asked, options = {}) {
  if (!isSubscription(asked, options)) return post(asked, options);
  return { subscribe: (observer) => subscribe(asked, options, observer) };
}

async function start() {
  const examples = await (await fetch("/graphiql/examples.json")).json();
  const place = ReactDOM.createRoot(document.getElementById("graphiql"));
  // What is typed here, passwords among it, is forgotten with this window.
  const options = { fetcher, storage: sessionStorage, defaultTabs: examples, defaultEditorToolsVisibility: "variables" };
  place.render(React.createElement(GraphiQL, options));
}

start();
