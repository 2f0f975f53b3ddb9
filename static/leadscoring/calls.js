// Call mode by keys: every key stands on its button. Typing in a field is typing.
document.addEventListener("DOMContentLoaded", () => {
    const page = document.querySelector(".calls");
    if (!page) return;
    const panels = [...page.querySelectorAll(".calls-more")];
    let asked = null;

    // What is asked before a result is written shows only when it is wanted.
    panels.forEach((panel) => { panel.hidden = true; });

    function close() {
        panels.forEach((panel) => { panel.hidden = true; });
        page.querySelectorAll("[data-opens]").forEach((button) => button.setAttribute("aria-expanded", "false"));
        if (asked) asked.focus();
        asked = null;
    }

    function open(button, isAgain) {
        const panel = document.getElementById(button.dataset.opens);
        close();
        asked = button;
        button.setAttribute("aria-expanded", "true");
        panel.hidden = false;
        panel.querySelectorAll("[data-for]").forEach((part) => { part.hidden = !part.dataset.for.split(" ").includes(button.value); });
        const confirms = panel.querySelector("[data-confirms]");
        if (confirms) confirms.value = button.value;
        if (!isAgain) panel.querySelectorAll("[data-verdict]").forEach((choice) => { choice.checked = choice.dataset.verdict.split(" ").includes(button.value); });
        // A reason has to be chosen; everything else is written by Enter alone.
        const wanted = [...panel.querySelectorAll("select")].find((field) => field.name === "reason" && field.checkVisibility());
        (wanted || confirms || panel.querySelector("button")).focus();
        panel.scrollIntoView({ block: "nearest" });
    }

    page.querySelectorAll("[data-opens]").forEach((button) => {
        button.setAttribute("aria-controls", button.dataset.opens);
        button.setAttribute("aria-expanded", "false");
        button.addEventListener("click", (event) => {
            event.preventDefault();
            open(button);
        });
    });

    // What was sent and was wrong is shown again as it was.
    const sent = page.querySelector("[data-sent-result]");
    if (sent) {
        const button = page.querySelector(`[data-opens][value="${sent.dataset.sentResult}"]`);
        if (button) open(button, true);
    }

    const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");

    document.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.repeat) return;
        const shown = panels.find((panel) => !panel.hidden && asked);
        if (event.key === "Escape" && shown) {
            close();
            return;
        }
        if (isTyping(event.target)) {
            // In the fields of an open panel Enter writes the result that was asked for.
            const confirms = shown && shown.contains(event.target) && shown.querySelector("[data-confirms]");
            if (event.key === "Enter" && confirms && !event.target.matches("textarea")) {
                event.preventDefault();
                confirms.click();
            }
            return;
        }
        if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
        const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
        const among = [...(shown || page).querySelectorAll("[data-key]")];
        const found = among.find((each) => each.dataset.key === key && (shown || !each.closest(".calls-more")) && each.checkVisibility());
        if (!found) return;
        event.preventDefault();
        found.click();
    });

    // A second press while the page is on its way would only be told that it came late.
    page.querySelectorAll("#calls-form, .calls-bar form").forEach((form) => {
        form.addEventListener("submit", (event) => {
            if (form.dataset.sent) event.preventDefault();
            form.dataset.sent = "1";
        });
    });
    window.addEventListener("pageshow", () => page.querySelectorAll("form").forEach((form) => delete form.dataset.sent));

    // How long there is until an answer is due.
    function count() {
        page.querySelectorAll("[data-due]").forEach((line) => {
            const minutes = Math.round((Date.parse(line.dataset.due) - Date.now()) / 60000);
            const size = Math.abs(minutes);
            const parts = size >= 1440 ? `${Math.floor(size / 1440)} d ${Math.floor((size % 1440) / 60)} h` : size >= 60 ? `${Math.floor(size / 60)} h ${size % 60} min` : `${size} min`;
            line.classList.toggle("is-late", minutes < 0);
            line.querySelector(".calls-clock").textContent = (minutes < 0 ? line.dataset.late : line.dataset.left).replace("…", parts);
        });
    }
    count();
    setInterval(count, 15000);
});
