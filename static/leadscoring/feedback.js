// Feedback by keyboard, and deadlines that count down; without this file all is links and forms.
(() => {
    "use strict";

    const list = () => document.getElementById("fb-form");
    const one = () => document.getElementById("fb-one");
    const rows = () => [...document.querySelectorAll("[data-row]")];
    const current = () => document.activeElement && document.activeElement.closest("[data-row]");

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
        for (const clock of document.querySelectorAll(".fb-due")) {
            const left = (Date.parse(clock.dateTime) - Date.now()) / 60000;
            const text = left >= 0 ? clock.dataset.left : clock.dataset.late;
            clock.textContent = text.replace("{time}", length(Math.floor(Math.abs(left))));
            clock.classList.toggle("late", left < 0);
        }
    }

    function move(step) {
        const all = rows();
        const place = all.indexOf(current());
        const next = all[place < 0 ? 0 : Math.min(Math.max(place + step, 0), all.length - 1)];
        if (!next) return;
        next.querySelector("[data-tick]").focus();
        next.scrollIntoView({ block: "nearest" });
    }

    function inList(key) {
        if (key === "j" || key === "k") return move(key === "j" ? 1 : -1);
        const row = current();
        const names = { x: "[data-tick]", a: "[data-accept]", r: "[data-reject]" };
        if (row && names[key]) row.querySelector(names[key]).click();
    }

    function inForm(key) {
        const place = Number.parseInt(key, 10);
        const found = place ? one().querySelectorAll("[data-reason]")[place - 1]
            : one().querySelector(`[data-key="${CSS.escape(key)}"]`);
        if (!found) return;
        if (place) one().querySelector("[data-key=r]").checked = true;
        found.checked = true;
        found.focus();
    }

    document.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.target.closest("input:not([type=radio], [type=checkbox]), select, textarea, [contenteditable], dialog")) return;
        if (one() && /^[ar1-9]$/.test(event.key)) {
            event.preventDefault();
            inForm(event.key);
        } else if (list() && /^[jkxar]$/.test(event.key)) {
            event.preventDefault();
            inList(event.key);
        }
    });

    document.addEventListener("click", (event) => {
        if (!event.target.closest("[data-tick-all]")) return;
        const ticks = [...document.querySelectorAll("[data-tick]")];
        const all = ticks.every((each) => each.checked);
        for (const each of ticks) each.checked = !all;
    });

    document.addEventListener("DOMContentLoaded", () => {
        for (const button of document.querySelectorAll("[data-tick-all]")) button.hidden = false;
        const rejected = one() && one().querySelector("[data-key=r]:checked");
        if (rejected) (one().querySelector("[data-reason]:checked") || rejected).focus();
        tick();
        setInterval(tick, 20000);
    });
})();
