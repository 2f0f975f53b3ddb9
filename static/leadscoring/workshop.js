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
        place.innerHTML = template.innerHTML.replaceAll("__", key);
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
})();
