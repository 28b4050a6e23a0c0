import { ask, ready, show, translate } from "./pages.js";

const place = document.getElementById("accounts");

translate();
show(place, await ask("accounts"));

document.getElementById("refresh").addEventListener("click", async () => show(place, await ask("refresh")));
document.getElementById("options").addEventListener("click", () => browser.runtime.openOptionsPage());
ready();
