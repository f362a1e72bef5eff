// The page works without this script. It shows hits while a query is typed, and adds keys: / to the search field, arrows
// from hit to hit, Enter opens one, c copies its URL. Names of files come in as HTML that the server has escaped; nothing
// here makes markup out of text.
"use strict";
(() => {
  const field = document.getElementById("q");
  const main = document.getElementById("main");
  const status = document.getElementById("status");
  const live = status !== null; // on the search page
  const pause = 60; // ms without a key before a query is sent

  const say = (text) => { if (status) status.textContent = text; };

  // The URL of a hit on its server, as it was sent; "" for one that cannot be linked.
  function address(hit) {
    const url = hit.dataset.url ?? hit.querySelector("a.name")?.getAttribute("href") ?? "";
    return /^ftps?:\/\//.test(url) ? url : "";
  }

  // Each hit gets a button that copies its URL, for which there is no use without a script.
  function dress() {
    for (const hit of main.querySelectorAll(".hit:not(.dressed)")) {
      hit.classList.add("dressed");
      if (!address(hit)) continue;
      let acts = hit.querySelector(".acts");
      if (!acts) {
        acts = document.createElement("p");
        acts.className = "acts";
        hit.querySelector(".date").after(acts);
      }
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "copy URL";
      button.addEventListener("click", () => copy(hit));
      acts.append(button);
    }
  }

  async function copy(hit) {
    const url = address(hit);
    const button = hit.querySelector(".copy");
    try {
      if (navigator.clipboard) {
        await navigator.clipboard.writeText(url);
      } else { // pages that do not come over TLS have no clipboard but this one
        const area = document.createElement("textarea");
        const focused = document.activeElement;
        area.value = url;
        area.className = "quiet";
        document.body.append(area);
        area.select();
        const done = document.execCommand("copy");
        area.remove();
        focused.focus();
        if (!done) throw new Error("refused");
      }
      button.textContent = "copied";
      say("URL copied");
    } catch {
      button.textContent = "cannot copy";
      say("The URL cannot be copied");
    }
    setTimeout(() => { button.textContent = "copy URL"; }, 1500);
  }

  // Live answers. A question that is not the newest is cancelled; an answer to one is dropped.
  let timer, asking, wanted = field.value.trim(), announcing;

  function ask() {
    clearTimeout(timer);
    const q = field.value.trim();
    if (q === wanted) return;
    wanted = q;
    asking?.abort();
    asking = new AbortController();
    answer(q, asking.signal);
  }

  // The URL of the page that answers a query, as the server writes it.
  const page = (q) => q ? "/?q=" + encodeURIComponent(q).replace(/%(3A|2F|3D|2C|40|7C)/g, decodeURIComponent) : "/";

  async function answer(q, signal) {
    try {
      const response = await fetch("/?part=answer&q=" + encodeURIComponent(q), { signal });
      const html = await response.text();
      if (signal.aborted) return;
      history.replaceState(null, "", page(q));
      document.title = (q ? q + " – " : "") + "ftpidx";
      if (response.ok) {
        main.innerHTML = html;
        main.classList.remove("stale");
        dress();
      } else {
        problem(html, response.status === 400);
      }
      clearTimeout(announcing);
      announcing = setTimeout(() => say(spoken()), 400);
    } catch (err) {
      if (signal.aborted) return;
      wanted = null;
      main.classList.add("stale");
      say("No answer: the server cannot be reached");
    }
  }

  // A query that cannot be read is often one that is not finished: what was found before stays below, pale.
  function problem(html, unfinished) {
    const before = main.querySelector(".columns, .start");
    main.innerHTML = html;
    if (unfinished && before) {
      before.inert = true;
      before.classList.add("stale");
      main.append(before);
    }
  }

  function spoken() {
    const box = main.querySelector("#problem");
    if (box) return box.querySelector("p:last-of-type").textContent;
    return main.querySelector("h1")?.textContent ?? "";
  }

  // Keys.
  const names = () => [...main.querySelectorAll(".hit a.name")];
  const keys = document.getElementById("keys");
  const single = () => !keys || keys.checked;

  function step(by) {
    const all = names();
    const hit = document.activeElement.closest?.(".hit");
    const at = hit ? all.indexOf(hit.querySelector("a.name")) : -1;
    if (at + by < 0) {
      field.focus();
    } else {
      all[Math.min(at + by, all.length - 1)]?.focus();
    }
  }

  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    const at = document.activeElement;
    const hit = at.closest?.(".hit");
    const writing = at.matches?.("input:not([type=checkbox]), textarea, select");
    if (e.key === "/" && !writing && single()) {
      field.focus();
      field.select();
    } else if (e.key === "ArrowDown" && (at === field || hit || at === document.body) && names().length) {
      step(1);
    } else if (e.key === "ArrowUp" && hit) {
      step(-1);
    } else if (e.key === "c" && hit && address(hit) && single()) {
      copy(hit);
    } else if (e.key === "Escape" && hit) {
      field.focus();
    } else {
      return;
    }
    e.preventDefault();
  });

  if (keys) {
    keys.closest(".keys").hidden = false;
    try { keys.checked = localStorage.getItem("keys") !== "off"; } catch { /* no storage: for this page only */ }
    keys.addEventListener("change", () => {
      try { localStorage.setItem("keys", keys.checked ? "on" : "off"); } catch { /* likewise */ }
    });
  }
  if (live) {
    dress();
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, pause);
    });
    field.form.addEventListener("submit", (e) => {
      e.preventDefault();
      const q = field.value.trim();
      asking?.abort();
      location.assign(page(q));
    });
  }
})();
