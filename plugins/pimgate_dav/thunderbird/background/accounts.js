// The accounts: where a person's home is and under which login, and which of its collections Thunderbird has been given. Passwords
// are in Thunderbird's own store, never here.

import { collectionsIn, HOME_QUESTION } from "./dav.js";
import { listBooks } from "./books.js";

/** Everything that is known: [{id, login, home, given: [href], uncached: [href], collections, problem}]. */
export async function accounts() {
  return (await browser.storage.local.get({ accounts: [] })).accounts;
}

/** List what was searched on the server when Thunderbird was last open: the server may take a while to answer, or be away. */
export async function listKnown() {
  for (const account of await accounts()) {
    await listBooks(account, account.collections.filter(isSearched));
  }
}

/** Log in, remember where the home is, and set everything up. */
export async function connect({ login, password, server }) {
  const home = await browser.pimgate.find({ login, password, server: server || login.split("@").pop() });
  const others = (await accounts()).filter(each => each.home != home);
  const account = { id: idOf(home), login, home, given: [], uncached: [], collections: [], problem: "" };
  await browser.storage.local.set({ accounts: [...others, account] });
  return refresh(account);
}

/** Forget an account here: its books and calendars go from Thunderbird, nothing changes on the server. */
export async function disconnect(id) {
  for (const account of await accounts()) {
    if (account.id == id) {
      await listBooks(account, []);
      for (const href of account.given) {
        await browser.pimgate.remove(urlOf(account, href));
      }
    }
  }
  await browser.storage.local.set({ accounts: (await accounts()).filter(each => each.id != id) });
}

/** Ask the server anew, and bring Thunderbird in line with its answer. A server that gives none changes nothing. */
export async function refresh(account) {
  let collections;
  try {
    const question = { url: account.home, login: account.login, method: "PROPFIND", depth: "1", body: HOME_QUESTION };
    const answer = await browser.pimgate.ask(question);
    if (answer.status != 207) {
      throw new Error(`the server answered ${answer.status}`);
    }
    collections = collectionsIn(answer.text);
  } catch (error) {
    await listBooks(account, account.collections.filter(isSearched));
    return keep({ ...account, problem: error.message });
  }
  await listBooks(account, collections.filter(isSearched));
  return keep({ ...account, ...(await arrange(account, collections)), collections, problem: "" });
}

/**
 * What is downloaded is set up once; who removes it here keeps it removed. What is no longer downloaded, or no longer there at all,
 * goes. A calendar that is switched off is used while connected only: its local copy is thrown away.
 */
async function arrange(account, collections) {
  const shown = collections.filter(each => !isSearched(each));
  const hrefs = new Set(shown.map(each => each.href));
  const given = new Set(account.given);
  const uncached = new Set(account.uncached);
  for (const { href } of collections.filter(isSearched)) {
    await browser.pimgate.remove(urlOf(account, href));
  }
  for (const href of [...given].filter(each => !hrefs.has(each))) {
    await browser.pimgate.remove(urlOf(account, href));
    given.delete(href);
    uncached.delete(href);
  }
  for (const each of shown) {
    const url = urlOf(account, each.href);
    const isCached = each.exposure == "full";
    if (!given.has(each.href)) {
      await browser.pimgate.add({ ...each, url, login: account.login, isCached });
      given.add(each.href);
    }
    if (each.sort == "calendar" && (!isCached || uncached.has(each.href))) {
      const isDone = await browser.pimgate.setCached(url, isCached);
      if (isDone) {
        isCached ? uncached.delete(each.href) : uncached.add(each.href);
      }
    }
  }
  return { given: [...given], uncached: [...uncached] };
}

async function keep(account) {
  const all = (await accounts()).map(each => (each.id == account.id ? account : each));
  await browser.storage.local.set({ accounts: all });
  return account;
}

function isSearched(collection) {
  return collection.exposure == "remote";
}

function urlOf(account, href) {
  return new URL(href, account.home).href;
}

function idOf(home) {
  return new URL(home).pathname.split("/").filter(Boolean).pop();
}
