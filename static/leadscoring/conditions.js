// Parts of a page that come back from the server whole while somebody goes on typing in them:
// every element with data-keeps-typing and an id. What was typed, chosen or pressed since the
// request was sent is newer than its answer: it is put back into it, and asked about next.
(() => {
    "use strict";
    const SELECTOR = "[data-keeps-typing]";
    // For so many milliseconds a browser takes further letters as the same word of a choice.
    const WORD = 1000;
    let struck = -WORD;
    let next = "";
    // By the id of the element: what was typed and pressed while an answer is on its way.
    const underway = new Map();

    const isTicked = (field) => ["checkbox", "radio"].includes(field.type);
    const key = (field) => (isTicked(field) ? `${field.name}=${field.value}` : field.name);
    const keeper = (element) => element?.closest?.(SELECTOR);

    function note(event) {
        const field = event.target;
        const waiting = underway.get(keeper(field)?.id);
        if (waiting && field.name) waiting.typed.set(key(field), isTicked(field) ? field.checked : field.value);
    }

    function putBack(element, typed) {
        for (const field of element.querySelectorAll("input, select, textarea")) {
            if (!typed.has(key(field))) continue;
            const value = typed.get(key(field));
            if (isTicked(field)) field.checked = value;
            else if (field.options && ![...field.options].some((each) => each.value === value)) continue;
            // To set a value moves the caret, even where it is the same.
            else if (field.value !== value) field.value = value;
        }
    }

    function goOn(id) {
        const waiting = underway.get(id);
        underway.delete(id);
        const element = document.getElementById(id);
        if (!waiting || !element) return;
        const button = waiting.pressed && element.querySelector(`button[name="${waiting.pressed.name}"][value="${waiting.pressed.value}"]`);
        if (button) return button.click();
        const newer = [...element.querySelectorAll("[data-reshapes]")].find((field) => waiting.typed.has(key(field)));
        if (newer) newer.dispatchEvent(new Event("change", { bubbles: true }));
    }

    // A choice that is replaced while letters are typed in it would begin its word anew.
    function waitsForWord(element) {
        const field = document.activeElement;
        const left = struck + WORD - performance.now();
        if (!field?.matches("select[data-reshapes]") || keeper(field) !== element || left <= 0) return false;
        setTimeout(() => field.dispatchEvent(new Event("change", { bubbles: true })), left);
        return true;
    }

    document.addEventListener("input", note);
    document.addEventListener("change", note);
    document.addEventListener("keydown", (event) => {
        if (event.key.length === 1) struck = performance.now();
    });
    // Enter adds the value to its list; it does not send the form that the list stands in.
    document.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.isComposing || !event.target.matches?.("input[data-adds]")) return;
        event.preventDefault();
        // To leave it tells of the change, once; the next value is typed in the same place.
        if (!event.target.value.trim()) return;
        next = event.target.id;
        event.target.blur();
    });
    document.addEventListener("click", (event) => {
        const button = event.target.closest?.("button[hx-post]");
        const waiting = button && underway.get(keeper(button)?.id);
        if (!waiting) return;
        event.preventDefault();
        event.stopPropagation();
        waiting.pressed = { name: button.name, value: button.value };
    }, true);
    document.addEventListener("htmx:beforeRequest", (event) => {
        const target = event.detail.target;
        if (!target?.matches(SELECTOR)) return;
        if (underway.has(target.id) || (event.detail.elt === target && waitsForWord(target))) event.preventDefault();
        else underway.set(target.id, { typed: new Map(), pressed: null });
    });
    document.addEventListener("htmx:afterSwap", (event) => {
        const id = event.detail.target?.id;
        const element = underway.has(id) && document.getElementById(id);
        if (element) putBack(element, underway.get(id).typed);
    });
    // After the swap has settled, so that the focus is where it belongs.
    document.addEventListener("htmx:afterSettle", (event) => {
        if (!event.target.matches?.(SELECTOR)) return;
        if (next) document.getElementById(next)?.focus();
        next = "";
        goOn(event.target.id);
    });
    document.addEventListener("htmx:afterRequest", (event) => {
        if (event.detail.target?.matches(SELECTOR) && !event.detail.successful) goOn(event.detail.target.id);
    });
})();
