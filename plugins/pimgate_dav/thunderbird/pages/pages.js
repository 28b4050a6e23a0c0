// What both pages need: words in the person's language, and the list of what an account holds.

const MARKS = { full: "markFull", online: "markOnline", remote: "markRemote" };

export function word(key, ...values) {
  return browser.i18n.getMessage(key, values) || key;
}

export function translate() {
  document.documentElement.lang = browser.i18n.getUILanguage();
  for (const each of document.querySelectorAll("[data-word]")) {
    each.textContent = word(each.dataset.word);
  }
}

/** The page can be used now. */
export function ready() {
  document.body.removeAttribute("aria-busy");
}

export function ask(question, more = {}) {
  return browser.runtime.sendMessage({ ask: question, ...more });
}

/** The collections of each account with their marks; `button` gives one that belongs to an account, or nothing. */
export function show(place, accounts, button = () => null) {
  place.replaceChildren(...accounts.flatMap(account => shown(account, button)));
  if (!accounts.length) {
    place.append(textIn("p", word("noAccount")));
  }
}

function shown(account, button) {
  const list = document.createElement("ul");
  for (const each of account.collections) {
    const line = document.createElement("li");
    line.append(textIn("span", each.name, "name"), textIn("span", word(MARKS[each.exposure] ?? "markFull"), "mark"));
    list.append(line);
  }
  const parts = [textIn("h2", account.login), list];
  if (account.problem) {
    parts.splice(1, 0, textIn("p", word("problem", account.problem), "problem"));
  }
  const added = button(account);
  return added ? [...parts, added] : parts;
}

function textIn(name, text, style = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = style;
  return made;
}
