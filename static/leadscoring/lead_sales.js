// What a salesperson does on the page of a lead: forms that open and close, texts, countdowns.
document.addEventListener("DOMContentLoaded", () => {
    const place = document.getElementById("lead-form");
    if (!place) return;
    let opener = null;

    function buttons() {
        return document.querySelectorAll("[data-lead-deed]");
    }
    function close() {
        place.replaceChildren();
        buttons().forEach((button) => button.setAttribute("aria-expanded", "false"));
        if (opener && opener.isConnected) opener.focus();
    }
    function say(text) {
        const line = document.createElement("p");
        line.className = "auto-alert";
        line.setAttribute("role", "alert");
        line.textContent = text;
        place.prepend(line);
        place.scrollIntoView({ block: "nearest" });
    }
    function insert(text) {
        const field = place.querySelector("textarea[name=text]");
        if (!field) return;
        field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
        field.focus();
        field.dispatchEvent(new Event("input", { bubbles: true }));
    }

    document.body.addEventListener("click", (event) => {
        const deed = event.target.closest("[data-lead-deed]");
        if (deed) opener = deed;
        if (event.target.closest("[data-lead-close]")) close();
        const inserted = event.target.closest("[data-lead-insert]");
        if (inserted) insert(inserted.dataset.leadInsert);
    });
    document.body.addEventListener("change", (event) => {
        const variable = event.target.closest("[data-lead-variable]");
        if (variable && variable.value) {
            insert(variable.value);
            variable.value = "";
        }
        const template = event.target.closest("[data-lead-template]");
        if (template) {
            const address = template.dataset.leadTemplate;
            const joined = address.includes("?") ? "&" : "?";
            window.htmx.ajax("GET", template.value ? `${address}${joined}template=${template.value}` : address, { target: "#lead-form" });
        }
    });
    place.addEventListener("keydown", (event) => {
        if (event.key === "Escape") close();
        // As in a mail program: done without leaving the keyboard.
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            const form = event.target.closest("form");
            const button = form && form.querySelector("button[type=submit]");
            if (button) button.click();
        }
    });
    document.body.addEventListener("htmx:afterSwap", (event) => {
        if (event.target !== place) return;
        buttons().forEach((button) => button.setAttribute("aria-expanded", String(button === opener && !!place.querySelector("form"))));
        place.scrollIntoView({ block: "nearest" });
    });
    document.body.addEventListener("htmx:responseError", (event) => {
        const target = event.detail.target;
        if (target && (target === place || place.contains(target))) {
            say(event.detail.xhr.status === 404 ? place.dataset.gone : place.dataset.failed);
        }
    });
    document.body.addEventListener("htmx:sendError", (event) => {
        if (event.detail.target === place) say(place.dataset.failed);
    });

    function length(minutes) {
        const days = Math.floor(minutes / 1440);
        const hours = Math.floor((minutes % 1440) / 60);
        const parts = [];
        if (days) parts.push(`${days} d`);
        if (hours) parts.push(`${hours} h`);
        if (!days) parts.push(`${minutes % 60} min`);
        return parts.join(" ");
    }
    function tick() {
        document.querySelectorAll("[data-countdown]").forEach((clock) => {
            const left = (Date.parse(clock.dataset.countdown) - Date.now()) / 60000;
            const text = left >= 0 ? clock.dataset.left : clock.dataset.late;
            clock.textContent = text.replace("{time}", length(Math.floor(Math.abs(left))));
            clock.classList.toggle("is-late", left < 0);
            clock.classList.toggle("is-near", left >= 0 && left < 60);
        });
    }
    tick();
    setInterval(tick, 20000);
    document.body.addEventListener("htmx:afterSettle", tick);
});
