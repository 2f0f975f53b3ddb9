// The list of tasks by keyboard, and its dialogs; without this file everything is a link or a button.
(() => {
    "use strict";

    const rows = () => [...document.querySelectorAll("#result_list .data-row")];
    const firstLink = (row) => row.querySelector("th a, .field-what a");
    const current = () => document.activeElement && document.activeElement.closest("#result_list .data-row");
    const open = (id) => document.getElementById(id).showModal();

    function move(step) {
        const all = rows();
        const place = all.indexOf(current());
        const next = all[place < 0 ? 0 : Math.min(Math.max(place + step, 0), all.length - 1)];
        if (!next) return;
        firstLink(next).focus();
        next.scrollIntoView({ block: "nearest" });
    }

    function press(key) {
        if (key === "j" || key === "k") return move(key === "j" ? 1 : -1);
        if (key === "?") return open("task-help");
        const row = current();
        const button = key === "u" ? document.querySelector(".task-undo [data-key]")
            : row && row.querySelector(key === "m" ? "[data-deed=take]" : `[data-key="${CSS.escape(key)}"]`);
        if (button) button.click();
    }

    document.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && !"jk".includes(event.key)) return;
        if (event.target.closest("input, select, textarea, [contenteditable], dialog[open]")) return;
        if (!["j", "k", "m", "d", "s", "p", "u", "?"].includes(event.key)) return;
        if (!document.getElementById("task-dialog")) return;
        event.preventDefault();
        press(event.key);
    });

    document.addEventListener("htmx:afterSwap", (event) => {
        if (event.target.id !== "task-asked") return;
        const dialog = document.getElementById("task-dialog");
        if (!dialog.open) dialog.showModal();
        const first = dialog.querySelector("[autofocus], select, input:not([type=hidden])");
        if (first) first.focus();
    });

    document.addEventListener("click", (event) => {
        if (event.target.closest("[data-task-help]")) return open("task-help");
        const close = event.target.closest("dialog [data-close]");
        if (!close) return;
        event.preventDefault();
        close.closest("dialog").close();
    });

    document.addEventListener("DOMContentLoaded", () => {
        for (const button of document.querySelectorAll("[data-task-help]")) button.hidden = false;
    });
})();
