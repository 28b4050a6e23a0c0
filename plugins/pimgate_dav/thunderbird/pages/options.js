import { ask, ready, show, translate, word } from "./pages.js";

const place = document.getElementById("accounts");
const form = document.getElementById("connect");
const outcome = document.getElementById("outcome");

function removal(account) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = word("disconnect");
  button.addEventListener("click", async () => {
    await ask("disconnect", { id: account.id });
    await showAll();
  });
  return button;
}

async function showAll() {
  show(place, await ask("accounts"), removal);
}

form.addEventListener("submit", async event => {
  event.preventDefault();
  const { login, password, server } = Object.fromEntries(new FormData(form));
  outcome.textContent = word("connecting");
  try {
    const account = await ask("connect", { login: login.trim(), password, server: server.trim() });
    outcome.textContent = account.problem ? word("problem", account.problem) : word("connected");
    form.reset();
  } catch (error) {
    outcome.textContent = word("problem", error.message);
  }
  await showAll();
});

translate();
await showAll();
ready();
