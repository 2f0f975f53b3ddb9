// The slider below the picture of a lead: it moves the date field, which asks for the day.
document.addEventListener("DOMContentLoaded", () => {
    const slide = document.querySelector(".lead-slide");
    const form = document.getElementById("lead-day");
    if (!slide || !form) return;
    const field = form.querySelector("[name=as_of]");
    const range = slide.querySelector("input");
    const output = slide.querySelector("output");
    const picture = document.getElementById("lead-picture");
    const day = 24 * 3600 * 1000;
    const first = Date.parse(slide.dataset.first);
    const today = Math.round((Date.parse(slide.dataset.today) - first) / day);
    const last = Math.round((Date.parse(slide.dataset.last) - first) / day);
    const words = new Intl.DateTimeFormat(slide.dataset.locale, { dateStyle: "medium", timeZone: "UTC" });
    range.max = last;
    slide.hidden = false;

    const dayOf = (number) => new Date(first + number * day).toISOString().slice(0, 10);
    const numberOf = (text) => Math.round((Date.parse(text) - first) / day);

    function say(number, result) {
        const when = number === today ? slide.dataset.now : words.format(first + number * day);
        const said = result ? `${when}: ${result}` : when;
        output.textContent = said;
        range.setAttribute("aria-valuetext", said);
    }

    function mark(number) {
        const line = picture.querySelector(".chart-day");
        if (!line) return;
        line.hidden = number === today;
        // The end of the day is what is shown.
        line.style.setProperty("--day", `${Math.min(100, ((number + 1) / last) * 100)}%`);
    }

    function follow() {
        const shown = document.getElementById("lead-now");
        const text = shown.dataset.day || "";
        const number = text ? Math.min(last, Math.max(0, numberOf(text))) : today;
        range.value = number;
        say(number, shown.dataset.said);
        mark(number);
        if (field.value !== text && document.activeElement !== field) field.value = text;
    }

    range.addEventListener("input", () => {
        const number = Number(range.value);
        field.value = number === today ? "" : dayOf(number);
        say(number, "");
        mark(number);
        field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    document.body.addEventListener("htmx:afterSettle", (event) => {
        if (event.target.id === "lead-now") follow();
        if (event.target.id === "lead-picture") mark(Number(range.value));
    });
    document.addEventListener("keydown", (event) => {
        const dot = document.activeElement;
        if (event.key === "Escape" && dot.classList.contains("chart-dot")) dot.classList.add("chart-quiet");
    });
    document.addEventListener("focusout", (event) => event.target.classList.remove("chart-quiet"));
    follow();
});
