// Keeps Thunderbird in line with the server, and does what the pages ask.

import { accounts, connect, disconnect, listKnown, refresh } from "./accounts.js";

const MINUTES = 10;

/** One thing at a time: two refreshes at once would set things up twice. */
let last = Promise.resolve();

function inTurn(job) {
  const turn = last.then(job);
  last = turn.catch(() => {});
  return turn;
}

async function refreshAll() {
  for (const account of await accounts()) {
    await refresh(account);
  }
  return accounts();
}

browser.runtime.onMessage.addListener(message => {
  switch (message.ask) {
    case "accounts":
      return accounts();
    case "connect":
      return inTurn(() => connect(message));
    case "disconnect":
      return inTurn(() => disconnect(message.id));
    case "refresh":
      return inTurn(refreshAll);
  }
  return undefined;
});

setInterval(() => inTurn(refreshAll), MINUTES * 60_000);
inTurn(listKnown);
inTurn(refreshAll);
