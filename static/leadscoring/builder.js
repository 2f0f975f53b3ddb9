// The builder comes back from the server whole. What is typed, chosen or pressed while an answer
// is on its way is newer than that answer: it is put back into it, and asked about next.
(() => {
    "use strict";
    // For so many milliseconds a browser takes further letters as the same word of a choice.
    const WORD = 1000;
    const form = document.getElementById("automation-form");
    const builder = () => document.getElementById("builder");
    const fields = () => [...builder().querySelectorAll("input, select, textarea")];
    // Since the request was sent.
    const typed = new Map();
    const pressed = [];
    let underway = false;
    let struck = -WORD;

    const isTicked = (field) => ["checkbox", "radio"].includes(field.type);
    const key = (field) => (isTicked(field) ? `${field.name}=${field.value}` : field.name);
    const changed = (field) => field.dispatchEvent(new Event("change", { bubbles: true }));
    const isOfBuilder = (event) => event.detail.target?.id === "builder";

    function note({ target: field }) {
        if (field.name && builder().contains(field)) typed.set(key(field), isTicked(field) ? field.checked : field.value);
    }

    function putBack() {
        for (const field of fields().filter((each) => typed.has(key(each)))) {
            const value = typed.get(key(field));
            if (isTicked(field)) field.checked = value;
            else if (field.options && ![...field.options].some((each) => each.value === value)) continue;
            // To set a value moves the caret, even where it is the same.
            else if (field.value !== value) field.value = value;
        }
    }

    function goOn() {
        underway = false;
        while (pressed.length) {
            const { name, value } = pressed.shift();
            const button = builder().querySelector(`button[name="${name}"][value="${value}"]`);
            if (button) return button.click();
        }
        const newer = fields().find((field) => typed.has(key(field)) && field.matches("[data-reshapes]"));
        if (newer) changed(newer);
    }

    form.addEventListener("input", note);
    form.addEventListener("change", note);
    form.addEventListener("keydown", (event) => {
        if (event.key.length === 1) struck = performance.now();
    });
    form.addEventListener("click", (event) => {
        const button = event.target.closest("button[name=_do]");
        if (!button || !underway) return;
        event.preventDefault();
        event.stopPropagation();
        pressed.push({ name: button.name, value: button.value });
    }, true);
    form.addEventListener("htmx:beforeRequest", (event) => {
        if (!isOfBuilder(event)) return;
        if (underway) return event.preventDefault();
        const field = document.activeElement;
        const left = struck + WORD - performance.now();
        if (event.detail.elt === builder() && field.matches("#builder select") && left > 0) {
            // It would begin its word anew if it were replaced now.
            event.preventDefault();
            setTimeout(() => changed(field), left);
            return;
        }
        underway = true;
        typed.clear();
    });
    form.addEventListener("htmx:afterSwap", (event) => {
        if (isOfBuilder(event)) putBack();
    });
    form.addEventListener("htmx:afterSettle", (event) => {
        if (event.target === builder()) goOn();
    });
    form.addEventListener("htmx:afterRequest", (event) => {
        if (isOfBuilder(event) && !event.detail.successful) goOn();
    });
})();
