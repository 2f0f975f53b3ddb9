// A search in long lists: each select with data-sought gets a field to type in, with the
// choices that hold what was typed. The select stays, and is what is sent; without this script it
// is what people see.
(() => {
    "use strict";
    const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    let open = null;

    function build(select) {
        const field = document.createElement("input");
        Object.assign(field, { type: "text", id: `${select.id}-sought`, autocomplete: "off", className: select.className });
        const facts = { role: "combobox", "aria-label": select.getAttribute("aria-label"), "aria-expanded": "false", "aria-controls": `${select.id}-list`, "aria-autocomplete": "list", spellcheck: "false" };
        for (const name of ["aria-invalid", "aria-describedby"]) if (select.hasAttribute(name)) facts[name] = select.getAttribute(name);
        for (const [name, value] of Object.entries(facts)) field.setAttribute(name, value);
        const list = document.createElement("ul");
        Object.assign(list, { id: `${select.id}-list`, className: "combo-list", hidden: true });
        list.setAttribute("role", "listbox");
        list.setAttribute("aria-label", facts["aria-label"]);
        const box = document.createElement("span");
        box.className = "combo";
        select.after(box);
        box.append(field, list);
        select.classList.add("combo-kept");
        select.tabIndex = -1;
        select.setAttribute("aria-hidden", "true");
        const combo = { select, field, list };
        say(combo);
        select.addEventListener("change", () => say(combo));
        select.addEventListener("focus", () => field.focus());
        field.addEventListener("input", (event) => { event.stopPropagation(); show(combo, field.value); });
        field.addEventListener("change", (event) => event.stopPropagation());
        // What is typed next takes the place of what is chosen, however the focus came.
        field.addEventListener("focus", () => field.select());
        field.addEventListener("click", () => { if (list.hidden) show(combo, ""); field.select(); });
        field.addEventListener("blur", () => close(combo));
        field.addEventListener("keydown", (event) => press(combo, event));
        // Before the field loses the focus.
        list.addEventListener("mousedown", (event) => {
            event.preventDefault();
            const option = event.target.closest("[role=option]");
            if (option) choose(combo, option.dataset.value);
        });
        if (select.autofocus || document.activeElement === select) field.focus();
    }

    const say = ({ select, field }) => { field.value = select.selectedOptions[0]?.textContent.trim() ?? ""; };

    function show(combo, sought) {
        const { select, field, list } = combo;
        const wanted = plain(sought.trim());
        list.replaceChildren();
        let title = "";
        for (const option of select.options) {
            const group = option.parentElement.label ?? "";
            if (wanted && !plain(`${option.textContent} ${group}`).includes(wanted)) continue;
            if (group && group !== title) list.append(row("presentation", group, "combo-title"));
            title = group;
            const item = row("option", option.textContent.trim(), "combo-option");
            item.id = `${list.id}-${option.index}`;
            item.dataset.value = option.value;
            item.setAttribute("aria-selected", String(option.selected && !wanted));
            list.append(item);
        }
        if (!list.querySelector("[role=option]")) list.append(row("presentation", select.dataset.sought, "combo-title"));
        list.hidden = false;
        open = combo;
        field.setAttribute("aria-expanded", "true");
        point(combo, list.querySelector("[aria-selected=true]") || list.querySelector("[role=option]"));
    }

    function row(role, text, name) {
        const item = document.createElement("li");
        item.setAttribute("role", role);
        item.className = name;
        item.textContent = text;
        return item;
    }

    function point({ field, list }, item) {
        for (const each of list.querySelectorAll("[role=option]")) each.setAttribute("aria-selected", String(each === item));
        if (!item) return field.removeAttribute("aria-activedescendant");
        field.setAttribute("aria-activedescendant", item.id);
        item.scrollIntoView({ block: "nearest" });
    }

    function close(combo) {
        combo.list.hidden = true;
        open = null;
        combo.field.setAttribute("aria-expanded", "false");
        combo.field.removeAttribute("aria-activedescendant");
        say(combo);
    }

    function choose(combo, value) {
        const isNew = combo.select.value !== value;
        combo.select.value = value;
        close(combo);
        if (isNew) combo.select.dispatchEvent(new Event("change", { bubbles: true }));
    }

    function press(combo, event) {
        const { list, field } = combo;
        const items = [...list.querySelectorAll("[role=option]")];
        const at = items.findIndex((each) => each.id === field.getAttribute("aria-activedescendant"));
        const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
        if (event.key in steps) {
            event.preventDefault();
            if (list.hidden) return show(combo, "");
            point(combo, items[Math.min(Math.max(at + steps[event.key], 0), items.length - 1)]);
        } else if (event.key === "Enter") {
            // Here it chooses, and never sends the form.
            event.preventDefault();
            if (!list.hidden && items[at]) choose(combo, items[at].dataset.value);
        } else if (event.key === "Escape" && !list.hidden) {
            event.stopPropagation();
            close(combo);
        }
    }

    function begin(root) {
        for (const select of root.querySelectorAll("select[data-sought]:not(.combo-kept)")) build(select);
    }

    document.addEventListener("DOMContentLoaded", () => begin(document));
    document.addEventListener("htmx:afterSettle", ({ target }) => {
        begin(target.isConnected ? target : document);
        for (const select of document.querySelectorAll("select.combo-kept")) {
            const field = document.getElementById(`${select.id}-sought`);
            if (field && open?.field !== field) say({ select, field });
        }
    });
})();
