// How much time the agenda leaves, which point it is at, and that no text is lost on the way to the server.
// Without this file there is no clock, and a text is stored by its button.
(() => {
    "use strict";

    function tick() {
        const agenda = document.querySelector("[data-review-begun]");
        const clock = document.querySelector("[data-review-clock]");
        if (!agenda || !clock) return;
        const spent = (Date.now() - Date.parse(agenda.dataset.reviewBegun)) / 60000;
        let upTo = 0;
        for (const item of agenda.querySelectorAll("[data-review-minutes]")) {
            const from = upTo;
            upTo += Number(item.dataset.reviewMinutes);
            const now = spent >= from && spent < upTo;
            item.classList.toggle("is-now", now);
            if (now) item.setAttribute("aria-current", "step");
            else item.removeAttribute("aria-current");
        }
        const left = upTo - spent;
        const words = left >= 0 ? clock.dataset.left : clock.dataset.over;
        const text = words.replace("{minutes}", String(Math.ceil(Math.abs(left))));
        if (clock.textContent !== text) clock.textContent = text;
        clock.classList.toggle("is-over", left < 0);
    }

    document.addEventListener("DOMContentLoaded", tick);
    tick();
    setInterval(tick, 5000);

    // --- Texts that are not stored yet -----------------------------------------------------------

    const unsaved = new Set();
    const noteOf = (element) => element.closest?.("[data-review-note]");
    const textOf = (form) => form.querySelector("textarea").value;

    function lost({ detail }) {
        const form = noteOf(detail.elt);
        if (!form) return;
        unsaved.add(form);
        const said = form.querySelector(".review-said");
        for (const old of said.querySelectorAll("p")) old.remove();
        const fault = document.createElement("p");
        fault.className = "agree-fault";
        fault.setAttribute("role", "alert");
        fault.textContent = document.querySelector("[data-review-lost]").dataset.reviewLost;
        said.append(fault);
    }

    document.addEventListener("input", ({ target }) => {
        const form = noteOf(target);
        if (form) unsaved.add(form);
    });
    document.addEventListener("htmx:beforeRequest", ({ detail }) => {
        const form = noteOf(detail.elt);
        if (form) detail.xhr.reviewText = textOf(form);
    });
    document.addEventListener("htmx:beforeSwap", (event) => {
        const { elt, xhr } = event.detail;
        // Whoever was logged out in between gets the page to log in.
        if (!noteOf(elt) || !xhr.responseURL || new URL(xhr.responseURL).pathname === new URL(noteOf(elt).action).pathname) return;
        event.detail.shouldSwap = false;
        xhr.reviewText = null;
        lost(event);
    });
    document.addEventListener("htmx:afterRequest", ({ detail }) => {
        const form = noteOf(detail.elt);
        if (!form || !detail.successful || detail.xhr.reviewText !== textOf(form)) return;
        // Somebody else's text may be in the way, or the meeting has ended.
        if (!form.querySelector(".review-overtaken, .agree-fault")) unsaved.delete(form);
    });
    for (const failed of ["htmx:sendError", "htmx:responseError"]) document.addEventListener(failed, lost);

    // What ends the meeting or leaves the page by a button waits for the texts, five seconds at most.
    document.addEventListener("submit", (event) => {
        const form = event.target;
        if (noteOf(form) || !unsaved.size) return;
        event.preventDefault();
        const until = Date.now() + 5000;
        for (const note of unsaved) window.htmx.trigger(note, "submit");
        const wait = setInterval(() => {
            if (unsaved.size && Date.now() < until) return;
            clearInterval(wait);
            if (!unsaved.size) form.requestSubmit(event.submitter);
            else [...unsaved][0].querySelector("textarea").focus();
        }, 50);
    });
    window.addEventListener("beforeunload", (event) => {
        if (unsaved.size) event.preventDefault();
    });
})();
