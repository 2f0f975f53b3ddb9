// Scenarios and thresholds. Everything is worked out on the server; here rows are added to a
// form, faults are put beside their inputs, and a line follows the hand.
(() => {
    "use strict";

    // --- Scenarios -----------------------------------------------------------------------

    let nextRow = 1000;

    const tell = (form, name) => form.dispatchEvent(new CustomEvent(name, { bubbles: true }));

    function addRow(button) {
        const form = button.closest("[data-scenario-form]");
        const kind = button.dataset.scenarioAdd;
        const key = `${kind === "field" ? "c" : "a"}${nextRow++}`;
        const template = document.getElementById(`scenario-${kind}-row`);
        const place = document.createElement("div");
        place.innerHTML = template.innerHTML.replaceAll("__id__", key);
        const row = place.firstElementChild;
        form.querySelector(`[data-scenario-rows="${key[0]}"]`).append(row);
        row.querySelector("select").focus();
    }

    function removeRow(button) {
        const form = button.closest("[data-scenario-form]");
        const row = button.closest("[data-scenario-row]");
        const next = row.nextElementSibling || row.previousElementSibling;
        const rows = row.parentElement;
        row.remove();
        (next?.querySelector("select") || rows.nextElementSibling).focus();
        markDirty(form);
        tell(form, "scenario-rows");
    }

    // What a field may hold is offered beside it.
    function offer(row) {
        const field = row.querySelector("select[name$=-field]");
        if (!field) return;
        const list = document.getElementById(`choices-${field.value}`);
        const input = row.querySelector("input[name$=-value]");
        if (list) input.setAttribute("list", list.id);
        else input.removeAttribute("list");
    }

    function showFaults(form, faults) {
        form.querySelectorAll(".scenario-fault").forEach((each) => each.remove());
        form.querySelectorAll("[aria-invalid]").forEach((each) => {
            each.removeAttribute("aria-invalid");
            each.removeAttribute("aria-describedby");
        });
        for (const [name, message] of Object.entries(faults)) {
            const input = [...form.elements].find((each) => each.name === name);
            if (!input) continue;
            const said = document.createElement("p");
            said.className = "scenario-fault";
            said.id = `${form.id}-${name}-fault`;
            said.textContent = message;
            input.setAttribute("aria-invalid", "true");
            input.setAttribute("aria-describedby", said.id);
            (input.closest(".scenario-ago") || input).after(said);
        }
    }

    function readFaults(card) {
        const form = card.querySelector("[data-scenario-form]");
        const data = card.querySelector(".scenario-result script[type='application/json']");
        if (form && data) showFaults(form, JSON.parse(data.textContent));
    }

    function count() {
        const sum = document.querySelector("[data-scenarios-sum]");
        if (!sum) return;
        sum.hidden = Boolean(document.querySelector("#scenarios .scenario-result[hx-trigger=revealed]"));
        const all = document.querySelectorAll("#scenarios .scenario").length;
        const passed = document.querySelectorAll("#scenarios .scenario-passed").length;
        const words = sum.dataset.scenariosSum.replace("%(passed)s", passed).replace("%(all)s", all);
        sum.replaceChildren(Object.assign(document.createElement("b"), { textContent: words }));
    }

    function markDirty(form) {
        form.dataset.changed = "1";
    }

    function moved(button) {
        const card = button.closest(".scenario");
        const other = button.dataset.scenarioMove === "up" ? card.previousElementSibling : card.nextElementSibling;
        if (!other) return;
        if (button.dataset.scenarioMove === "up") other.before(card);
        else other.after(card);
        button.focus();
    }

    if (document.querySelector(".scenarios")) {
        document.addEventListener("click", (event) => {
            const add = event.target.closest("[data-scenario-add]");
            if (add) return addRow(add);
            const remove = event.target.closest("[data-scenario-remove]");
            if (remove) removeRow(remove);
        });
        document.addEventListener("input", (event) => {
            const form = event.target.closest("[data-scenario-form]");
            if (form) markDirty(form);
            const row = event.target.closest("[data-scenario-row]");
            if (row) offer(row);
        });
        document.addEventListener("keydown", (event) => {
            // Enter in a line would send the form, and the page with it.
            if (event.key === "Enter" && event.target.matches("[data-scenario-form] input")) event.preventDefault();
        });
        document.addEventListener("htmx:afterSettle", (event) => {
            const card = event.target.closest(".scenario");
            if (card) {
                readFaults(card);
                card.querySelectorAll("[data-scenario-row]").forEach(offer);
            }
            document.getElementById("scenarios-empty")?.toggleAttribute("hidden", Boolean(document.querySelector("#scenarios .scenario")));
            count();
        });
        document.addEventListener("htmx:afterRequest", (event) => {
            const button = event.detail.elt;
            if (button.dataset?.scenarioMove && event.detail.successful) moved(button);
        });
        window.addEventListener("beforeunload", (event) => {
            if (document.querySelector("[data-scenario-form][data-changed]")) event.preventDefault();
        });
    }

    // --- Thresholds ----------------------------------------------------------------------

    const workshop = document.querySelector("[data-threshold]");
    if (!workshop) return;
    const find = (what) => workshop.querySelector(what);
    // [threshold, above it now, newly reach it a week], rising.
    const steps = JSON.parse(document.getElementById("threshold-steps").textContent);
    const line = document.getElementById("threshold-line");
    const number = document.getElementById("threshold-number");
    const method = document.getElementById("threshold-method");
    const written = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
    const stepAt = (at) => steps.findLast(([threshold]) => threshold <= at) || steps[0];

    function show(at) {
        const [, above, week] = stepAt(at);
        find("[data-threshold-at]").textContent = written.format(at);
        find("[data-threshold-above]").textContent = written.format(above);
        find("[data-threshold-week]").textContent = written.format(week);
        for (const bar of workshop.querySelectorAll(".threshold-bar")) {
            bar.classList.toggle("threshold-above", Number(bar.dataset.high) >= at);
        }
        for (const ideal of workshop.querySelectorAll("[data-threshold-ideal]")) {
            const isAbove = ideal.dataset.thresholdIdeal !== "" && Number(ideal.dataset.thresholdIdeal) >= at;
            ideal.textContent = isAbove ? ideal.dataset.above : ideal.dataset.below;
            ideal.className = isAbove ? "right" : "wrong";
        }
        const rows = [...workshop.querySelectorAll("[data-threshold-row]")];
        const current = rows.findLast((row) => Number(row.dataset.thresholdRow) <= at);
        for (const row of rows) row.classList.toggle("threshold-current", row === current);
    }

    function put(at, by) {
        line.value = at;
        if (number) number.value = at;
        if (by && method) method.value = by;
        show(Number(at));
    }

    function capacity() {
        const most = Number(find("[data-threshold-people]").value) * Number(find("[data-threshold-calls]").value);
        // Above it must never be too many: low totals are passed by few, who come from nowhere.
        const tooMany = steps.findLastIndex(([, , week]) => week > most);
        const step = steps[tooMany + 1];
        const said = find("[data-threshold-capacity]");
        const button = find("[data-threshold-put='capacity']");
        button.hidden = !step || tooMany < 0;
        if (button.hidden) {
            said.textContent = (step ? said.dataset.always : said.dataset.never).replace("%(most)s", written.format(most));
            return;
        }
        button.dataset.at = step[0];
        said.textContent = said.dataset.words
            .replace("%(start)s", written.format(step[0]))
            .replace("%(week)s", written.format(step[2]))
            .replace("%(most)s", written.format(most));
    }

    line.addEventListener("input", () => put(line.value, method?.value || "contacts"));
    number?.addEventListener("input", () => {
        if (!/^[+-]?\d{1,15}$/.test(number.value.trim())) return;
        line.value = number.value;
        show(Number(number.value));
    });
    workshop.addEventListener("input", (event) => {
        if (event.target.matches("[data-threshold-people], [data-threshold-calls]")) capacity();
    });
    workshop.addEventListener("click", (event) => {
        const button = event.target.closest("[data-threshold-put]");
        if (button) put(button.dataset.at, button.dataset.thresholdPut);
    });
    workshop.addEventListener("htmx:afterSettle", () => show(Number(number?.value || line.value)));
    show(Number(number?.value || line.value));
    capacity();
})();
