// The criteria editor: what a form shows and hides, rows that are added to it, the slider of
// points, suggestions of what was received, dragging, and where the focus is after an answer.
// What is stored is decided by the server; this only helps with typing.
(() => {
    "use strict";
    const editor = document.getElementById("editor");
    const WAIT = 250;
    const slots = (element) => element.closest("[data-form]");
    const told = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));

    // --- Forms --------------------------------------------------------------------------------

    function arrange(form) {
        for (const test of form.querySelectorAll("[data-test]")) arrangeTest(test);
        arrangeSteps(form);
        arrangeCounting(form);
        const what = form.querySelector("[data-objective] select[name=what]");
        if (what) for (const part of form.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== what.value;
    }

    function arrangeTest(test) {
        const op = test.querySelector("select");
        const value = test.querySelector("input[name$=value]");
        const takes = op.selectedOptions[0]?.dataset.takes;
        value.hidden = takes === "nothing" || (!op.value && !value.value);
        value.title = takes === "texts" ? value.dataset.several : "";
    }

    function arrangeSteps(form) {
        for (const steps of form.querySelectorAll("[data-steps]")) {
            const starts = [...steps.querySelectorAll("input[name$=-from]")];
            const open = steps.dataset.steps === "first" ? starts[0] : starts[starts.length - 1];
            for (const start of starts) {
                start.readOnly = start === open;
                if (start.dataset.usual === undefined) start.dataset.usual = start.placeholder;
                start.placeholder = start === open ? start.dataset.rest : start.dataset.usual;
                if (start === open) start.value = "";
            }
        }
    }

    function arrangeCounting(form) {
        const excludes = form.querySelector("input[name=exclude]");
        const points = form.querySelector("[data-points]");
        if (points) points.hidden = excludes.checked;
        const count = form.querySelector("[data-counting] select[name=count]");
        if (!count) return;
        const shown = {
            count: !excludes.checked,
            at_least: count.value === "once" || excludes.checked,
            limit: count.value !== "once" && !excludes.checked,
            percent: ["each", "once"].includes(count.value) && !excludes.checked,
        };
        shown.every = shown.percent;
        for (const [name, is] of Object.entries(shown)) form.querySelector(`[data-field=${name}]`).hidden = !is;
    }

    // One select for each type, and always one more to choose another.
    function offerAnotherType(select) {
        const box = select.parentElement;
        const all = [...box.querySelectorAll("select")];
        if (!all[all.length - 1].value) return;
        const next = select.cloneNode(true);
        next.setAttribute("aria-label", select.dataset.label);
        next.options[0].textContent = box.querySelector("template").content.textContent.trim();
        next.value = "";
        all[all.length - 1].after(next);
    }

    function addRow(button) {
        const list = button.parentElement;
        const row = list.querySelector("template").content.firstElementChild.cloneNode(true);
        const rows = list.querySelectorAll(":scope > [data-row]");
        const last = list.dataset.steps === "last" ? rows[rows.length - 1] : null;
        if (last) last.before(row);
        else button.before(row);
        arrange(slots(button));
        row.querySelector("input").focus();
    }

    editor?.addEventListener("input", ({ target }) => {
        const form = slots(target);
        if (!form) return;
        const points = form.querySelector("input[name=points]");
        if (target.type === "range") points.value = target.value;
        else if (target === points) form.querySelector("input[type=range]").value = target.value;
        if (target.dataset.suggest) suggest(target);
        arrange(form);
    });
    editor?.addEventListener("change", ({ target }) => {
        if (target.closest("[data-types]")) offerAnotherType(target);
        if (slots(target)) arrange(slots(target));
    });
    editor?.addEventListener("click", ({ target }) => {
        const button = target.closest("button");
        if (!button) return;
        if (button.getAttribute("aria-disabled") === "true") return;
        if (button.matches("[data-close]")) close(slots(button));
        if (button.matches("[data-add]")) addRow(button);
        if (button.matches("[data-remove]")) {
            const form = slots(button);
            const list = button.closest("[data-row]").parentElement;
            button.closest("[data-row]").remove();
            list.querySelector("[data-add]").focus();
            arrange(form);
            told(form.querySelector("input[name=stamp]"));
        }
    });
    editor?.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && slots(event.target)) close(slots(event.target));
    });

    function close(form) {
        const slot = form.dataset.form;
        form.parentElement.replaceChildren();
        const opener = document.getElementById(`edit-${slot}`) || document.getElementById(slot === "group-new" ? "add-group" : `${slot}-when`);
        opener?.focus();
    }

    // --- Suggestions --------------------------------------------------------------------------

    const waiting = new WeakMap();
    function suggest(field) {
        clearTimeout(waiting.get(field));
        waiting.set(field, setTimeout(() => ask(field), WAIT));
    }

    async function ask(field) {
        const query = new URLSearchParams({ typed: field.value });
        const test = field.closest("[data-activity]");
        for (const type of test.querySelectorAll("[data-types] select")) if (type.value) query.append("type", type.value);
        const key = field.closest("[data-row]")?.querySelector("input[name$=key]");
        if (key) query.set("key", key.value);
        try {
            const answer = await fetch(`${field.dataset.suggest}?${query}`, { headers: { "HX-Request": "true" } });
            const options = answer.ok ? await answer.text() : "";
            // The form may have been saved and closed meanwhile.
            const list = document.getElementById(field.getAttribute("list"));
            if (list) list.innerHTML = options;
        } catch {
            // Without an answer nothing is offered; what is typed counts all the same.
        }
    }

    editor?.addEventListener("focusin", ({ target }) => {
        if (target.dataset?.suggest) suggest(target);
    });

    // --- Dragging -----------------------------------------------------------------------------

    editor?.addEventListener("rule-put", ({ detail: { item, list } }) => {
        let next = item.nextElementSibling;
        while (next && !next.dataset.rule) next = next.nextElementSibling;
        const values = { group: list.dataset.group, before: next ? next.dataset.rule : "" };
        window.htmx.ajax("POST", item.dataset.put, { target: "#editor-board", swap: "outerHTML", values, source: item });
    });

    // --- Answers ------------------------------------------------------------------------------

    editor?.addEventListener("htmx:afterSettle", ({ target }) => {
        for (const form of target.querySelectorAll("[data-form]")) arrange(form);
        if (target.id === "editor-board" && target.dataset.focus) document.getElementById(target.dataset.focus)?.focus();
        if (!target.id.startsWith("slot-")) return;
        const form = target.querySelector("[data-form]");
        const wrong = form?.querySelector("[role=alert], .errors");
        const first = wrong ? wrong.querySelector("input, select, button") || form.querySelector("input:not([type=hidden])") : form?.querySelector("input:not([type=hidden]):not([type=range]), select");
        first?.focus();
    });
    for (const failed of ["htmx:sendError", "htmx:responseError"]) {
        editor?.addEventListener(failed, () => {
            const said = document.getElementById("editor-said");
            said.textContent = editor.dataset.lost;
            said.classList.add("editor-said-wrong");
        });
    }
})();
