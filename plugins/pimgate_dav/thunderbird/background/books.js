// The books that are switched off: each is listed with Thunderbird's mark for books on a server, and every search in it, as well as
// autocompletion, is answered by the server. Nothing of them is stored here.

import { cardsFitting, searchQuestion, wordsOf } from "./dav.js";

const listeners = new Map();

/** List exactly these books of an account: those that are new appear, the others go. */
export async function listBooks(account, books) {
  const wanted = new Map(books.map(book => [idOf(account, book), book]));
  for (const [id, { owner, name, listener }] of [...listeners]) {
    if (owner == account.id && wanted.get(id)?.name != name) {
      browser.addressBooks.provider.onSearchRequest.removeListener(listener);
      listeners.delete(id);
    }
  }
  for (const [id, book] of wanted) {
    if (!listeners.has(id)) {
      const listener = (_node, typed) => found(account, book, typed);
      listeners.set(id, { owner: account.id, name: book.name, listener });
      browser.addressBooks.provider.onSearchRequest.addListener(listener, {
        addressBookName: browser.i18n.getMessage("searchedBook", book.name),
        isSecure: account.home.startsWith("https:"),
        id,
      });
    }
  }
}

/** The same book keeps its id from one start to the next. */
function idOf(account, book) {
  return `pimgate-${account.id}-${book.href.split("/").filter(Boolean).pop()}`;
}

async function found(account, book, typed) {
  const words = wordsOf(typed ?? "");
  if (!words.length) {
    return { results: [], isCompleteResult: true };
  }
  const answer = await browser.pimgate.ask({
    url: new URL(book.href, account.home).href,
    login: account.login,
    method: "REPORT",
    depth: "1",
    body: searchQuestion(words),
  });
  if (answer.status != 207) {
    throw new Error(`the search was answered with ${answer.status}`);
  }
  const { cards, isComplete } = cardsFitting(answer.text, words);
  return { results: cards.map(vCard => ({ vCard })), isCompleteResult: isComplete };
}
