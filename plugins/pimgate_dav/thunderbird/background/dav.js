// What is asked of the server, and what its answers say. No state, nothing of Thunderbird.

const DAV = "DAV:";
const CALDAV = "urn:ietf:params:xml:ns:caldav";
const CARDDAV = "urn:ietf:params:xml:ns:carddav";
const APPLE = "http://apple.com/ns/ical/";
const OWN = "https://pimgate.org/ns/dav";

const SPACES = `xmlns:d="${DAV}" xmlns:c="${CALDAV}" xmlns:a="${CARDDAV}" xmlns:i="${APPLE}" xmlns:p="${OWN}"`;
const WRITING = ["write", "write-content", "write-properties", "all"];
const SEARCHED = ["FN", "EMAIL", "NICKNAME", "ORG"];

/** The most cards that one search may bring. */
export const MOST = 50;

/** What the home lists, with depth 1. */
export const HOME_QUESTION =
  `<d:propfind ${SPACES}><d:prop><d:resourcetype/><d:displayname/><d:current-user-privilege-set/>` +
  `<c:supported-calendar-component-set/><i:calendar-color/><p:exposure/><p:switch/></d:prop></d:propfind>`;

/**
 * The collections of a home: {href, name, sort: "book" or "calendar", exposure, isOn, mayWrite, colour}. Task lists are calendars;
 * lists of notes are left out, because Thunderbird shows none. Throws when the answer is none of a home.
 */
export function collectionsIn(text) {
  const found = [];
  let isHome = false;
  for (const { href, props } of responsesIn(text)) {
    const types = new Set(Array.from(props.resourcetype?.children ?? [], each => each.localName));
    isHome ||= types.has("principal");
    const sort = sortOf(types, props);
    if (sort && props.exposure) {
      found.push({
        href,
        sort,
        name: props.displayname?.textContent || href,
        exposure: props.exposure.textContent,
        isOn: props.switch?.textContent == "on",
        mayWrite: privilegesIn(props).some(each => WRITING.includes(each)),
        colour: (props["calendar-color"]?.textContent ?? "").slice(0, 7),
      });
    }
  }
  if (!isHome) {
    throw new Error("this is no home of a person");
  }
  return found;
}

/** A search for the longest of some words; cardsFitting leaves those that have all of them. */
export function searchQuestion(words) {
  const longest = words.reduce((one, other) => (other.length > one.length ? other : one), "");
  const parts = SEARCHED.map(
    name => `<a:prop-filter name="${name}"><a:text-match match-type="contains">${escaped(longest)}</a:text-match></a:prop-filter>`
  );
  return (
    `<a:addressbook-query ${SPACES}><d:prop><a:address-data/></d:prop><a:filter test="anyof">${parts.join("")}</a:filter>` +
    `<a:limit><a:nresults>${MOST}</a:nresults></a:limit></a:addressbook-query>`
  );
}

/** The vCards of an answer that hold all of the words, and whether nothing was left out. */
export function cardsFitting(text, words) {
  const cards = [];
  let isComplete = true;
  for (const { status, props } of responsesIn(text)) {
    isComplete &&= !status.includes(" 507 ");
    const card = props["address-data"]?.textContent;
    if (card && words.every(word => folded(unfolded(card)).includes(folded(word)))) {
      cards.push(card);
    }
  }
  return { cards, isComplete };
}

/** The words of what a person typed. */
export function wordsOf(typed) {
  return typed.split(/[\s,;"<>]+/).filter(Boolean);
}

function sortOf(types, props) {
  if (types.has("addressbook") || types.has("directory")) {
    return "book";
  }
  const components = Array.from(props["supported-calendar-component-set"]?.children ?? [], each => each.getAttribute("name"));
  const isShown = !components.length || components.some(each => each == "VEVENT" || each == "VTODO");
  return types.has("calendar") && isShown ? "calendar" : "";
}

function privilegesIn(props) {
  const privileges = props["current-user-privilege-set"]?.getElementsByTagNameNS(DAV, "privilege") ?? [];
  return Array.from(privileges, each => each.firstElementChild?.localName);
}

/** Each response with its address, its own status if it has one, and the properties that were found, by their local names. */
function responsesIn(text) {
  const root = new DOMParser().parseFromString(text, "application/xml").documentElement;
  if (root.localName != "multistatus") {
    throw new Error("this is no answer of a server");
  }
  return Array.from(root.getElementsByTagNameNS(DAV, "response"), response => {
    const props = {};
    for (const propstat of childrenOf(response, "propstat")) {
      if (childrenOf(propstat, "status")[0]?.textContent.includes(" 200 ")) {
        for (const each of childrenOf(propstat, "prop")[0]?.children ?? []) {
          props[each.localName] = each;
        }
      }
    }
    const status = childrenOf(response, "status")[0]?.textContent ?? "";
    return { href: childrenOf(response, "href")[0]?.textContent ?? "", status, props };
  });
}

function childrenOf(element, name) {
  return Array.from(element.children).filter(each => each.namespaceURI == DAV && each.localName == name);
}

function unfolded(card) {
  return card.replace(/\r?\n[ \t]/g, "");
}

function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
