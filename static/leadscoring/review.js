// How much time the agenda leaves, and which point it is at; without this file all is there but the clock.
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
})();
