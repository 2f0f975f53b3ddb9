// Folds up on a phone what takes long to scroll over, and brings the report that is open into
// sight in the line of all; without this file all stands open.
(() => {
    "use strict";

    const phone = window.matchMedia("(max-width: 767px)");
    const folds = (part) => part.querySelectorAll("details[data-report-fold]");

    function fit(part) {
        for (const one of folds(part)) one.open = !phone.matches;
    }

    // Of the line of reports, the part that is in sight on a phone has this one.
    document.querySelector(".report-tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

    fit(document);
    phone.addEventListener("change", () => fit(document));
    // What a worker has worked out comes later.
    document.addEventListener("htmx:afterSettle", (event) => fit(event.target));
    window.addEventListener("beforeprint", () => {
        for (const one of folds(document)) one.open = true;
    });
    window.addEventListener("afterprint", () => fit(document));
})();
