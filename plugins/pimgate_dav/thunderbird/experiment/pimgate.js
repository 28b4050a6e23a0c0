/* global ExtensionAPI, ExtensionUtils, Services, Ci, Cu */
// What no other API of Thunderbird offers, and no more than that. Runs in the parent process, with all of its rights.

"use strict";

Cu.importGlobalProperties(["URL"]);

const { cal } = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");
const { CardDAVDirectory } = ChromeUtils.importESModule("resource:///modules/CardDAVDirectory.sys.mjs");
const { CardDAVUtils, NotificationCallbacks } = ChromeUtils.importESModule("resource:///modules/CardDAVUtils.sys.mjs");
const { DNS } = ChromeUtils.importESModule("resource:///modules/DNS.sys.mjs");
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");

const HOME_OF =
  '<propfind xmlns="DAV:"><prop><current-user-principal/><card:addressbook-home-set xmlns:card="urn:ietf:params:xml:ns:carddav"/>' +
  "</prop></propfind>";
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** The address, unless a password would travel in clear. */
function checked(address) {
  const url = new URL(address);
  if (url.protocol != "https:" && !(url.protocol == "http:" && LOOPBACK.includes(url.hostname))) {
    throw new ExtensionUtils.ExtensionError(`${url.protocol} is not safe for a password`);
  }
  return url;
}

/** Where a server may be that was named by its address or by a domain, the likeliest first. */
async function places(server) {
  if (/^https?:/i.test(server)) {
    const url = checked(server);
    return url.pathname == "/" ? [new URL("/.well-known/carddav", url)] : [url, new URL("/.well-known/carddav", url)];
  }
  const records = await DNS.srv(`_carddavs._tcp.${server}`).catch(() => []);
  records.sort((one, other) => one.prio - other.prio || other.weight - one.weight);
  const hosts = [...records.map(({ host, port }) => `${host}:${port}`), server];
  return hosts.map(host => checked(`https://${host}/.well-known/carddav`));
}

async function request({ url, login, method, depth, body }, callbacks) {
  return CardDAVUtils.makeRequest(checked(url).href, {
    method,
    body,
    callbacks,
    headers: { Depth: depth },
    userContextId: CardDAVUtils.contextForUsername(login),
  });
}

async function hasPassword(url, login) {
  const logins = await Services.logins.searchLoginsAsync({ origin: new URL(url).origin });
  return logins.some(each => each.username == login);
}

/** Forget what was kept for this login before, so that a new password takes its place. */
async function forgetPassword(origin, login) {
  for (const each of await Services.logins.searchLoginsAsync({ origin })) {
    if (each.username == login) {
      Services.logins.removeLogin(each);
    }
  }
}

function bookAt(url) {
  return MailServices.ab.directories.find(
    each => each.dirType == Ci.nsIAbManager.CARDDAV_DIRECTORY_TYPE && each.getStringValue("carddav.url", "") == url
  );
}

function calendarAt(url) {
  return cal.manager.getCalendars().find(each => each.type == "caldav" && each.uri.spec == url);
}

function addBook({ url, name, login, mayWrite }) {
  const id = MailServices.ab.newAddressBook(name, null, Ci.nsIAbManager.CARDDAV_DIRECTORY_TYPE, null);
  const book = MailServices.ab.getDirectoryFromId(id);
  book.setStringValue("carddav.url", url);
  book.setStringValue("carddav.username", login);
  if (!mayWrite) {
    book.setBoolValue("readOnly", true);
  }
  CardDAVDirectory.forFile(book.fileName).fetchAllFromServer().catch(console.error);
}

function addCalendar({ url, name, colour, login, mayWrite, isCached }) {
  const calendar = cal.manager.createCalendar("caldav", Services.io.newURI(url));
  calendar.id = cal.getUUID();
  calendar.name = name;
  calendar.setProperty("username", login);
  calendar.setProperty("color", colour || cal.view.hashColor(url));
  calendar.setProperty("cache.enabled", isCached);
  calendar.readOnly = !mayWrite;
  cal.manager.registerCalendar(calendar);
}

function removeBook(book) {
  const kept = CardDAVDirectory.forFile(book.fileName);
  if (!kept._uidsToSync?.size && !kept._hrefsToRemove?.size) {
    MailServices.ab.deleteAddressBook(book.URI);
  }
}

/** Whether there is something that was done without a connection and has not reached the server. */
async function hasUnsent(calendar) {
  const kept = calendar.wrappedJSObject.mCachedCalendar;
  const { ITEM_FILTER_ALL_ITEMS, ITEM_FILTER_OFFLINE_CREATED, ITEM_FILTER_OFFLINE_MODIFIED, ITEM_FILTER_OFFLINE_DELETED } =
    Ci.calICalendar;
  for (const sort of [ITEM_FILTER_OFFLINE_CREATED, ITEM_FILTER_OFFLINE_MODIFIED, ITEM_FILTER_OFFLINE_DELETED]) {
    if (kept && (await kept.getItemsAsArray(ITEM_FILTER_ALL_ITEMS | sort, 0, null, null)).length) {
      return true;
    }
  }
  return false;
}

this.pimgate = class extends ExtensionAPI {
  getAPI() {
    return {
      pimgate: {
        async find({ login, password, server }) {
          const problems = [];
          for (const url of await places(server)) {
            const callbacks = new NotificationCallbacks(login, password, false, true);
            try {
              const question = { url: url.href, login, method: "PROPFIND", depth: "0", body: HOME_OF };
              const response = await request(question, callbacks);
              const home = response.dom?.querySelector("addressbook-home-set > href")?.textContent;
              if (response.status == 207 && home) {
                await forgetPassword(response.url.origin, login);
                await callbacks.saveAuth();
                return checked(new URL(home, response.url)).href;
              }
              problems.push(`${url.host}: ${response.status}`);
            } catch (error) {
              problems.push(`${url.host}: ${error.message}`);
            }
          }
          throw new ExtensionUtils.ExtensionError(problems.join(", "));
        },

        async ask(question) {
          // Without a password Thunderbird would ask the person for one, in the middle of whatever they are typing.
          if (!(await hasPassword(question.url, question.login))) {
            throw new ExtensionUtils.ExtensionError("there is no password");
          }
          try {
            const response = await request(question, new NotificationCallbacks(question.login));
            return { status: response.status, text: response.text };
          } catch (error) {
            throw new ExtensionUtils.ExtensionError(error.message);
          }
        },

        async add(collection) {
          if (collection.sort == "book" && !bookAt(collection.url)) {
            addBook(collection);
          }
          if (collection.sort == "calendar" && !calendarAt(collection.url)) {
            addCalendar(collection);
          }
        },

        async remove(url) {
          const book = bookAt(url);
          if (book) {
            removeBook(book);
          }
          const calendar = calendarAt(url);
          if (calendar) {
            cal.manager.removeCalendar(calendar, Ci.calICalendarManager.REMOVE_NO_DELETE);
          }
        },

        async setCached(url, isCached) {
          const calendar = calendarAt(url);
          if (!calendar || Boolean(calendar.getProperty("cache.enabled")) == isCached) {
            return true;
          }
          if (!isCached && (await hasUnsent(calendar))) {
            calendar.refresh();
            return false;
          }
          calendar.setProperty("cache.enabled", isCached);
          return true;
        },
      },
    };
  }
};
