// The pipeline board: cards are dragged or moved by menu and keys, columns load as they are
// scrolled, clocks run, and what others change comes in by itself. Whether something may be
// done, and what is shown, is decided by the server.
(() => {
    "use strict";
    const board = document.getElementById("board");
    if (!board) return;
    const WAIT = Number(board.dataset.every);
    const A_PAGE = 20;
    const AT_ONCE = 60;
    const WATCHED = 100;
    // An answer that took long is asked for less often: at most a tenth of the time.
    const SHARE = 10;
    const SAID_FOR = 12000;
    const said = document.getElementById("board-said");
    const bulk = document.getElementById("board-bulk");
    const dialog = document.getElementById("board-reason");
    const words = (name, value) => board.dataset[name].replace(/\{\w+\}/, () => value);
    const token = () => board.querySelector("[name=csrfmiddlewaretoken]").value;
    const columns = () => [...board.querySelectorAll(".board-column")];
    const cardOf = (element) => element.closest?.(".board-card");
    const card = (key) => document.getElementById(`card-${key}`);
    const listOf = (stage) => board.querySelector(`#column-${stage} [data-list]`);
    const cardsIn = (list) => [...list.querySelectorAll(":scope > .board-card")];
    let stamp = board.dataset.stamp;

    // --- Asking the server ----------------------------------------------------------------------

    function address(path, more = []) {
        const query = new URLSearchParams(board.dataset.query);
        for (const [name, value] of more) query.append(name, value);
        return `${path}?${query}`;
    }

    async function get(path, more) {
        const answer = await fetch(address(path, more), { headers: { "X-Requested-With": "board" } });
        if (answer.redirected) location.reload();
        if (!answer.ok) throw new Error(answer.status);
        return answer.status === 204 ? null : answer.json();
    }

    // The words of a refusal are the server's; without any, those of the page.
    async function post(path, pairs) {
        const body = new URLSearchParams(pairs);
        try {
            const answer = await fetch(address(path), { method: "POST", body, headers: { "X-CSRFToken": token() } });
            const facts = await answer.json();
            return { ok: answer.ok, status: answer.status, facts };
        } catch {
            return { ok: false, status: 0, facts: { said: board.dataset.failed } };
        }
    }

    // --- What is said ---------------------------------------------------------------------------

    let silence = 0;
    function say(text, { wrong = false, undo = null, show = null } = {}) {
        clearTimeout(silence);
        const line = document.createElement("span");
        line.textContent = text;
        said.replaceChildren(line);
        said.classList.toggle("board-wrong", wrong);
        if (undo?.length) offer(board.dataset.undo, () => takeBack(undo));
        if (show) offer(board.dataset.show, () => reveal(show.dataset.key));
        silence = setTimeout(() => said.replaceChildren(), wrong || undo || show ? SAID_FOR * 2 : SAID_FOR);
    }

    function offer(text, act) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "auto-button";
        button.textContent = text;
        button.addEventListener("click", act);
        said.append(button);
    }

    function reveal(key) {
        const found = card(key);
        if (!found) return;
        showTab(found.closest(".board-column").dataset.stage);
        found.scrollIntoView({ block: "center", inline: "center" });
        found.querySelector(".board-name").focus({ preventScroll: true });
    }

    async function takeBack(moves) {
        said.querySelector("button")?.remove();
        const wrong = [];
        for (const move of moves) {
            const { ok, facts } = await post(board.dataset.move, Object.entries(move));
            if (!ok) wrong.push(facts.said);
        }
        say(wrong.length ? wrong.join(" ") : board.dataset.undone, { wrong: wrong.length > 0 });
        await look(true);
    }

    // --- Moving a card --------------------------------------------------------------------------

    function targetOf(stage) {
        return board.querySelector(`[data-drop="${stage}"]`);
    }

    async function move(element, stage) {
        const target = targetOf(stage);
        if (!target || (element.dataset.stage === stage && element.dataset.key.startsWith("d"))) return;
        const reason = target.dataset.outcome === "open" ? null : await askReason(element, target);
        if (reason === undefined) return;
        const { key, stage: seen } = element.dataset;
        const neighbour = element.nextElementSibling || element.previousElementSibling;
        const from = element.parentElement;
        const before = element.nextElementSibling;
        const hadFocus = element.contains(document.activeElement) || document.activeElement === document.body;
        element.querySelector(".board-menu")?.removeAttribute("open");
        element.classList.add("board-moving");
        const list = listOf(stage);
        if (list) list.prepend(element);
        else element.hidden = true;
        element.dataset.stage = stage;
        if (hadFocus) (list ? element : neighbour)?.querySelector(".board-name")?.focus();
        moving += 1;
        const pairs = [["key", key], ["stage", stage], ["seen", seen]];
        if (reason !== null) pairs.push(["reason", reason]);
        const { ok, status, facts } = await post(board.dataset.move, pairs);
        moving -= 1;
        element.classList.remove("board-moving");
        if (ok) {
            if (facts.key !== key || !list) element.remove();
            say(facts.said, { undo: facts.undo ? [facts.undo] : null });
        } else {
            element.hidden = false;
            element.dataset.stage = seen;
            if (before?.parentElement === from) before.before(element);
            else from.append(element);
            if (status === 404) element.remove();
            say(facts.said, { wrong: true });
        }
        await look(true);
    }

    // Undefined where the person thinks better of it.
    function askReason(element, target) {
        const text = dialog.querySelector("input");
        const { outcome, name } = target.dataset;
        dialog.querySelector("h2").textContent = `${element.dataset.name}: ${name}`;
        text.value = "";
        text.required = outcome === "lost";
        text.placeholder = outcome === "lost" ? text.dataset.whyLost : text.dataset.whyWon;
        dialog.returnValue = "";
        dialog.showModal();
        return new Promise((resolve) => {
            dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok" ? text.value : undefined), { once: true });
        });
    }

    async function take(button) {
        const { ok, facts } = await post(board.dataset.claim, [["contact", button.dataset.take]]);
        say(facts.said, { wrong: !ok });
        cardOf(button)?.querySelector(".board-menu")?.removeAttribute("open");
        await look(true);
    }

    // --- Dragging -------------------------------------------------------------------------------

    let dragged = null;
    let moving = 0;
    board.addEventListener("dragstart", (event) => {
        dragged = cardOf(event.target);
        if (!dragged) return;
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", dragged.dataset.name);
        dragged.classList.add("board-dragged");
        board.classList.add("board-dragging");
    });
    board.addEventListener("dragover", (event) => {
        const target = event.target.closest?.("[data-drop]");
        if (!dragged || !target) return;
        event.preventDefault();
        for (const each of board.querySelectorAll("[data-over]")) if (each !== target) each.removeAttribute("data-over");
        target.dataset.over = "";
    });
    board.addEventListener("drop", (event) => {
        const target = event.target.closest?.("[data-drop]");
        if (!dragged || !target) return;
        event.preventDefault();
        move(dragged, target.dataset.drop);
    });
    board.addEventListener("dragend", () => {
        dragged?.classList.remove("board-dragged");
        dragged = null;
        board.classList.remove("board-dragging");
        for (const each of board.querySelectorAll("[data-over]")) each.removeAttribute("data-over");
    });

    // --- Menus and keys -------------------------------------------------------------------------

    board.addEventListener("click", ({ target }) => {
        const button = target.closest("button");
        if (!button) return;
        if (button.dataset.to) move(cardOf(button), button.dataset.to);
        if (button.dataset.take) take(button);
        if (button.dataset.more) more(button);
        if (button.dataset.tab) showTab(button.dataset.tab);
        if (button.matches("[data-untick]")) untick();
    });
    document.addEventListener("click", ({ target }) => {
        for (const menu of board.querySelectorAll(".board-menu[open]")) if (!menu.contains(target)) menu.removeAttribute("open");
    });

    function showTab(stage) {
        for (const column of columns()) column.toggleAttribute("data-current", column.dataset.stage === stage);
        for (const tab of board.querySelectorAll("[data-tab]")) {
            if (tab.dataset.tab === stage) tab.setAttribute("aria-current", "true");
            else tab.removeAttribute("aria-current");
        }
    }

    const STEPS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    board.addEventListener("keydown", (event) => {
        const here = cardOf(event.target);
        const menu = here?.querySelector(".board-menu");
        if (!here || event.altKey || event.ctrlKey || event.metaKey) return;
        if (event.key === "Escape" && menu.open) {
            menu.open = false;
            menu.querySelector("summary").focus();
        } else if (event.key === "m" || event.key === "M") {
            menu.open = true;
            menu.querySelector("button, a")?.focus();
        } else if (STEPS[event.key]) {
            event.preventDefault();
            if (menu.open && menu.contains(event.target)) stepInMenu(menu, STEPS[event.key][1]);
            else step(here, ...STEPS[event.key]);
        }
    });

    function stepInMenu(menu, by) {
        const all = [...menu.querySelectorAll("button, a")];
        const place = all.indexOf(document.activeElement);
        all[Math.min(Math.max(place + by, 0), all.length - 1)]?.focus();
    }

    function step(here, across, along) {
        const all = columns().map((column) => cardsIn(column.querySelector("[data-list]")));
        const at = all.findIndex((cards) => cards.includes(here));
        const place = all[at].indexOf(here);
        let next = all[at][place + along];
        if (across) {
            let column = at + across;
            while (all[column] && !all[column].length) column += across;
            next = all[column]?.[Math.min(place, all[column].length - 1)];
            if (next) showTab(columns()[column].dataset.stage);
        }
        next?.querySelector(".board-name").focus();
        next?.scrollIntoView({ block: "nearest" });
    }

    // --- More cards -----------------------------------------------------------------------------

    async function more(button) {
        if (!button.dataset.after || button.disabled) return;
        button.disabled = true;
        try {
            const { cards, after } = await get(button.dataset.more, [["after", button.dataset.after]]);
            const list = button.closest(".board-column").querySelector("[data-list]");
            for (const html of cards) {
                const element = made(html);
                if (!card(element.dataset.key)) list.append(element);
            }
            button.dataset.after = after;
            button.hidden = !after;
            tick();
        } catch {
            say(board.dataset.lost, { wrong: true });
        }
        button.disabled = false;
    }

    const seen = new IntersectionObserver((entries) => {
        for (const { isIntersecting, target } of entries) if (isIntersecting) more(target);
    }, { rootMargin: "200px" });
    for (const button of board.querySelectorAll("[data-more]")) seen.observe(button);

    function made(html) {
        const box = document.createElement("template");
        box.innerHTML = html.trim();
        return box.content.firstElementChild;
    }

    // --- What others change ---------------------------------------------------------------------

    let looking = null;
    let timer = 0;
    const isBusy = () => Boolean(dragged || moving || dialog.open || board.querySelector(".board-menu[open]"));

    // Of what the person has done just now nothing is said once more.
    async function look(isOwn = false) {
        while (looking) await looking;
        looking = lookNow(isOwn);
        const took = await looking;
        looking = null;
        clearTimeout(timer);
        timer = setTimeout(lookAgain, Math.max(WAIT, took * SHARE));
    }

    function lookAgain() {
        if (document.hidden || isBusy()) timer = setTimeout(lookAgain, WAIT);
        else look();
    }

    async function lookNow(isOwn) {
        const began = performance.now();
        try {
            const asked = columns().map((column) => [`n${column.dataset.stage}`, Math.max(A_PAGE, cardsIn(column.querySelector("[data-list]")).length - Number(column.dataset.further || 0))]);
            const found = await get(board.dataset.changes, [["stamp", stamp], ["opened", board.dataset.opened], ...asked]);
            if (found) await change(found, isOwn);
            if (said.dataset.lost) said.replaceChildren();
            delete said.dataset.lost;
        } catch {
            say(board.dataset.lost, { wrong: true });
            said.dataset.lost = "yes";
        }
        return performance.now() - began;
    }

    async function change(found, isOwn) {
        const all = found.columns.flatMap((column) => column.cards);
        const stale = all.filter(([key, sign]) => card(key)?.dataset.sign !== sign).map(([key]) => key);
        const html = {};
        for (let start = 0; start < stale.length; start += AT_ONCE) {
            const keys = stale.slice(start, start + AT_ONCE).map((key) => ["key", key]);
            Object.assign(html, (await get(board.dataset.cards, keys)).cards);
        }
        const fresh = stale.filter((key) => !card(key) && html[key]);
        const focused = cardOf(document.activeElement)?.dataset.key;
        for (const [key, text] of Object.entries(html)) put(key, text, fresh.includes(key));
        const gone = new Set(board.querySelectorAll(".board-card"));
        for (const column of found.columns) for (const element of arrange(column, html)) gone.delete(element);
        const lost = [...gone].filter((element) => element.dataset.stale === undefined);
        for (const element of gone) element.remove();
        stamp = found.stamp;
        if (!isOwn) announce(fresh, lost);
        if (focused && cardOf(document.activeElement)?.dataset.key !== focused) card(focused)?.querySelector(".board-name").focus();
        countTicked();
        tick();
    }

    const waitingCards = new Map();
    function put(key, html, isFresh) {
        const element = made(html);
        const old = card(key);
        if (!old) {
            if (isFresh) element.classList.add("board-fresh");
            waitingCards.set(key, element);
            return;
        }
        const box = old.querySelector(".board-tick input");
        if (box?.checked) element.querySelector(".board-tick input").checked = true;
        old.replaceWith(element);
    }

    // The cards of a column in their order; those below what is watched stay as they are.
    function arrange(column, html) {
        const section = document.getElementById(`column-${column.stage}`);
        const list = section.querySelector("[data-list]");
        // Who came while the board was open stands here although others above are not loaded.
        section.dataset.further = column.further;
        const below = cardsIn(list).slice(WATCHED).filter((element) => column.after && !column.cards.some(([key]) => key === element.dataset.key));
        const wanted = column.cards.map(([key]) => card(key) || waitingCards.get(key)).filter(Boolean);
        wanted.forEach((element, place) => {
            if (list.children[place] !== element) list.insertBefore(element, list.children[place] || null);
            element.dataset.stage = column.stage;
            waitingCards.delete(element.dataset.key);
        });
        for (const name of ["count", "value", "weighted"]) section.querySelector(`[data-number=${name}]`).textContent = column[name];
        board.querySelector(`[data-count-of="${column.stage}"]`).textContent = column.count;
        const button = section.querySelector("[data-more]");
        if (!below.length) {
            button.dataset.after = column.after;
            button.hidden = !column.after;
            if (column.after) for (const element of cardsIn(list).slice(wanted.length)) element.dataset.stale = "";
        }
        return [...wanted, ...below];
    }

    function announce(fresh, lost) {
        const named = (keys) => keys.map((element) => element.dataset.name).join(", ");
        const came = fresh.map(card).filter(Boolean);
        if (came.length) say(words("new", named(came)), { show: came[0] });
        else if (lost.length) say(words("gone", named(lost)));
    }

    document.addEventListener("visibilitychange", () => {
        if (!document.hidden && !isBusy()) look();
    });
    timer = setTimeout(lookAgain, WAIT);

    // --- Clocks ---------------------------------------------------------------------------------

    function lasting(seconds) {
        const unit = (name, number) => words(name, number);
        const [days, hours] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24];
        const [minutes, left] = [Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
        if (days) return `${unit("day", days)} ${unit("hour", hours)}`;
        if (hours) return `${unit("hour", hours)} ${unit("minute", minutes)}`;
        return minutes ? `${unit("minute", minutes)} ${unit("second", left)}` : unit("second", left);
    }

    function tick() {
        const now = Date.now();
        for (const due of board.querySelectorAll("[data-due]")) {
            const left = (new Date(due.dataset.due) - now) / 1000;
            due.classList.toggle("board-late", left < 0);
            due.querySelector(".material-symbols-outlined").textContent = left < 0 ? "alarm" : "timer";
            due.querySelector("[data-words]").textContent = words(left < 0 ? "late" : "left", lasting(Math.abs(left)));
        }
        for (const since of board.querySelectorAll("[data-since]")) {
            const seconds = Math.max(0, (now - new Date(since.dataset.since)) / 1000);
            const text = words("hot", seconds < 3600 ? words("minute", Math.floor(seconds / 60)) : lasting(seconds));
            if (since.textContent !== text) since.textContent = text;
        }
    }
    tick();
    setInterval(() => document.hidden || tick(), 1000);

    // --- Ticked cards ---------------------------------------------------------------------------

    function countTicked() {
        if (!bulk) return;
        const count = board.querySelectorAll(".board-tick input:checked").length;
        bulk.hidden = !count;
        bulk.querySelector("[data-ticked]").textContent = words("ticked", count);
    }

    function untick() {
        for (const box of board.querySelectorAll(".board-tick input:checked")) box.checked = false;
        countTicked();
    }

    function arrangeBulk() {
        for (const part of bulk.querySelectorAll("[data-kind]")) {
            part.hidden = part.disabled = part.dataset.kind !== bulk.elements.kind.value;
        }
        const stage = bulk.querySelector("[name=stage-stage]");
        const reason = bulk.querySelector("[data-reason]");
        if (reason) reason.hidden = (targetOf(stage.value)?.dataset.outcome || "open") === "open";
    }

    board.addEventListener("change", ({ target }) => {
        if (target.closest(".board-tick")) countTicked();
        if (bulk?.contains(target)) arrangeBulk();
    });
    if (bulk) arrangeBulk();
    bulk?.addEventListener("submit", async (event) => {
        event.preventDefault();
        const button = bulk.querySelector("button:not([type])");
        button.disabled = true;
        // The boxes of the cards belong to this form.
        const { ok, facts } = await post(board.dataset.bulk, [...new FormData(bulk)]);
        button.disabled = false;
        say(facts.said, { wrong: !ok, undo: facts.undo });
        if (ok) untick();
        await look(true);
    });
    countTicked();
})();
