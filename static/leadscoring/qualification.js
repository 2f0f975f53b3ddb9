// The grid of the qualification matrix: rows are added, moved and taken away here, and stored by
// the form. The words come from the page.
(() => {
    "use strict";
    const form = document.getElementById("matrix-form");
    const body = document.getElementById("matrix-rows");
    const template = document.getElementById("row-template");
    const said = document.getElementById("matrix-said");
    const none = document.getElementById("no-rows");
    const words = form.dataset;
    let last = body.rows.length;
    let isChanged = false;

    const rowOf = (element) => element.closest("[data-row]");
    const kindOf = (row) => row.querySelector("[data-field]").selectedOptions[0].dataset;

    // --- What fits the chosen field ---------------------------------------------------------

    function fit(row) {
        const { kind } = kindOf(row);
        const way = row.querySelector("[data-way]");
        const fitting = [...way.options].filter((option) => option.dataset.kinds.split(" ").includes(kind));
        for (const option of way.options) option.hidden = option.disabled = !fitting.includes(option);
        if (!fitting.includes(way.selectedOptions[0]) && fitting.length) way.value = fitting[0].value;
        way.classList.toggle("qual-hidden", fitting.length < 2);
        for (const cell of row.querySelectorAll("[data-cell]")) cell.placeholder = kind === "number" ? words.wordsNumber : words.wordsText;
    }

    function usual() {
        for (const column of form.querySelectorAll("[data-column]"))
            for (const own of form.querySelectorAll(`[data-own="${column.dataset.column}"]`)) own.placeholder = column.value;
    }

    // --- Rows -------------------------------------------------------------------------------

    function tell(text, deed, word) {
        said.replaceChildren(text);
        if (!deed) return;
        const button = Object.assign(document.createElement("button"), { type: "button", className: "auto-button", textContent: word });
        button.addEventListener("click", deed);
        said.append(" ", button);
    }

    function count() {
        none.hidden = body.rows.length > 0;
        isChanged = true;
    }

    function add() {
        const holder = document.createElement("tbody");
        holder.innerHTML = template.innerHTML.replaceAll("__id__", `n${last++}`);
        const row = holder.rows[0];
        body.append(row);
        fit(row);
        usual();
        count();
        row.querySelector("[data-field]").focus();
    }

    function move(row, way) {
        const other = way < 0 ? row.previousElementSibling : row.nextElementSibling;
        if (!other) return;
        const focused = document.activeElement;
        if (way < 0) other.before(row);
        else other.after(row);
        focused.focus();
        isChanged = true;
        tell(words.wordsMoved);
    }

    function remove(row) {
        const next = row.nextElementSibling;
        const near = next || row.previousElementSibling;
        row.remove();
        count();
        (near ? near.querySelector("[data-field]") : document.getElementById("add-row")).focus();
        tell(words.wordsRemoved, () => {
            body.insertBefore(row, next && next.isConnected ? next : null);
            count();
            tell("");
            row.querySelector("[data-field]").focus();
        }, words.wordsUndo);
    }

    // --- Values seen in the contacts --------------------------------------------------------

    let offer = null;

    function close() {
        offer?.remove();
        offer = null;
    }

    const typedLast = (cell) => cell.value.slice(0, cell.selectionStart).split(/[,\n]/).pop().trim();

    async function show(cell) {
        const { kind, values } = kindOf(rowOf(cell));
        const field = rowOf(cell).querySelector("[data-field]").value;
        const sought = typedLast(cell);
        let found = [];
        if (values) found = values.split("\n").filter((value) => value.toLowerCase().includes(sought.toLowerCase()));
        else if (field && ["text", "tags"].includes(kind)) {
            const query = new URLSearchParams({ field, of: "sought", sought });
            // Without an answer nothing is offered; what is typed counts all the same.
            const answer = await fetch(`${words.valuesUrl}?${query}`).catch(() => null);
            if (answer?.ok) found = [...new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("option")].map((option) => option.value);
        }
        // What has been answered too late is for a cell that has been left.
        if (document.activeElement !== cell) return;
        close();
        if (!found.length) return;
        offer = Object.assign(document.createElement("div"), { className: "qual-offer" });
        offer.setAttribute("role", "group");
        offer.setAttribute("aria-label", words.wordsSeen);
        for (const value of found.slice(0, 8)) {
            const button = Object.assign(document.createElement("button"), { type: "button", tabIndex: -1, textContent: value });
            button.addEventListener("click", () => take(cell, value));
            offer.append(button);
        }
        cell.after(offer);
        place();
    }

    // Below its cell or, near the end of the window, above it; the table may not cut it off.
    function place() {
        if (!offer) return;
        const { left, top, bottom, width } = offer.previousElementSibling.getBoundingClientRect();
        const isBelow = bottom + offer.offsetHeight < innerHeight;
        Object.assign(offer.style, { left: `${left}px`, width: `${width}px`, top: `${isBelow ? bottom + 2 : top - offer.offsetHeight - 2}px` });
    }

    function take(cell, value) {
        const written = /[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
        const start = cell.selectionStart;
        const before = cell.value.slice(0, start).replace(/[^,\n]*$/, "");
        const after = cell.value.slice(start).replace(/^[^,\n]*/, "");
        const joint = before && !/[\s]$/.test(before) ? " " : "";
        cell.value = `${before}${joint}${written}${after || ", "}`;
        close();
        cell.focus();
        const end = cell.value.length - after.length;
        cell.setSelectionRange(end, end);
        isChanged = true;
    }

    // --- Keys -------------------------------------------------------------------------------

    function step(cell, down, right) {
        const row = rowOf(cell);
        const cells = [...row.querySelectorAll("[data-cell]")];
        const place = cells.indexOf(cell) + right;
        const rows = [...body.rows];
        const target = rows[rows.indexOf(row) + down]?.querySelectorAll("[data-cell]")[place];
        if (target) target.focus();
    }

    const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

    form.addEventListener("keydown", (event) => {
        const row = event.target.closest?.("tr[data-row]");
        if (row && event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) {
            event.preventDefault();
            return move(row, event.key === "ArrowUp" ? -1 : 1);
        }
        const cell = event.target.closest?.("[data-cell]");
        if (cell && row && event.ctrlKey && STEPS[event.key]) {
            event.preventDefault();
            return step(cell, ...STEPS[event.key]);
        }
        if (cell && event.key === "Escape") return close();
        if (cell && event.key === "ArrowDown" && offer && cell.selectionStart === cell.value.length) {
            event.preventDefault();
            return offer.firstElementChild.focus();
        }
        const choice = event.target.closest?.(".qual-offer button");
        if (!choice) return;
        if (["ArrowDown", "ArrowRight"].includes(event.key)) (choice.nextElementSibling || choice).focus();
        else if (["ArrowUp", "ArrowLeft"].includes(event.key)) (choice.previousElementSibling || offer.previousElementSibling).focus();
        else if (event.key === "Escape") {
            const back = offer.previousElementSibling;
            close();
            back.focus();
        } else return;
        event.preventDefault();
    });

    // --- Events -----------------------------------------------------------------------------

    let waiting;
    form.addEventListener("input", (event) => {
        isChanged = true;
        if (event.target.matches("[data-column]")) usual();
        if (!event.target.matches("[data-cell]")) return;
        clearTimeout(waiting);
        waiting = setTimeout(show, 200, event.target);
    });
    form.addEventListener("change", (event) => {
        if (event.target.matches("[data-field]")) fit(rowOf(event.target));
    });
    form.addEventListener("focusin", (event) => {
        if (event.target.matches("[data-cell]")) {
            close();
            show(event.target);
        } else if (!event.target.closest(".qual-offer")) close();
    });
    form.addEventListener("click", (event) => {
        const deed = event.target.closest("[data-deed]")?.dataset.deed;
        if (!deed) return;
        const row = rowOf(event.target);
        if (deed === "remove") remove(row);
        else move(row, deed === "up" ? -1 : 1);
    });
    addEventListener("scroll", place, true);
    addEventListener("resize", place);
    document.getElementById("add-row")?.addEventListener("click", add);
    form.addEventListener("submit", () => { isChanged = false; });
    addEventListener("beforeunload", (event) => {
        if (isChanged) event.preventDefault();
    });

    document.querySelectorAll("[data-row]").forEach(fit);
    usual();
    none.hidden = body.rows.length > 0;
    form.querySelector("[aria-invalid]")?.focus();
})();
