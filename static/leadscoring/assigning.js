/* The pool by keys, and the fields of a rule that go with what is chosen in it. */
(() => {
    "use strict";

    const buttons = () => [...document.querySelectorAll("#pool [data-claim]")];

    const move = (step) => {
        const all = buttons();
        const at = all.indexOf(document.activeElement);
        const next = all[at === -1 ? 0 : at + step];
        if (next) {
            next.focus();
            next.closest("li").scrollIntoView({ block: "nearest" });
        }
    };

    const typing = (target) => target.closest("input, select, textarea, [contenteditable]");

    document.addEventListener("keydown", (event) => {
        if (!document.getElementById("pool") || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            move(event.key === "ArrowDown" ? 1 : -1);
        } else if (event.key.toLowerCase() === "c" && !event.repeat) {
            const here = document.activeElement.closest("#pool li");
            const button = here ? here.querySelector("[data-claim]") : buttons()[0];
            if (button) button.click();
        }
    });

    /* Where the row was taken away the next one is the one that is meant. */
    let place = -1;
    document.addEventListener("htmx:beforeRequest", (event) => {
        const button = event.target.querySelector && event.target.querySelector("[data-claim]");
        if (button) {
            place = buttons().indexOf(button);
            button.disabled = true;
        }
    });
    document.addEventListener("htmx:afterSettle", (event) => {
        if (place === -1 || !document.getElementById("pool")) return;
        if (event.detail.requestConfig && event.detail.requestConfig.verb === "post") {
            const all = buttons();
            const next = all[Math.min(place, all.length - 1)];
            place = -1;
            if (next) next.focus();
        }
    });
    const lost = (event) => {
        const form = event.target.closest && event.target.closest(".pool-take");
        if (!form || form.parentNode.querySelector(".pool-lost")) return;
        const said = document.createElement("p");
        said.className = "pool-lost";
        said.setAttribute("role", "alert");
        said.textContent = document.getElementById("pool").dataset.lost;
        form.parentNode.append(said);
        form.querySelector("[data-claim]").disabled = false;
    };
    document.addEventListener("htmx:responseError", lost);
    document.addEventListener("htmx:sendError", lost);

    const reshape = (form) => {
        for (const part of form.querySelectorAll("[data-for]")) {
            const [name, ...values] = part.dataset.for.split(" ");
            const chosen = form.elements[name];
            part.hidden = !chosen || !values.includes(chosen.value);
        }
    };
    for (const form of document.querySelectorAll("[data-reshaped]")) {
        form.addEventListener("change", () => reshape(form));
        reshape(form);
    }
})();
