// Quick capture: saved without leaving the keyboard, and once.
document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("capture");
    if (!form) return;
    // A browser that is busy leaves out autofocus.
    form.querySelector("[autofocus]")?.focus();
    form.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(form.querySelector(".auto-primary"));
    });
    form.addEventListener("submit", (event) => {
        if (form.dataset.sent) event.preventDefault();
        form.dataset.sent = "1";
    });
    // Come back by the browser's own button, it can be sent again.
    window.addEventListener("pageshow", () => delete form.dataset.sent);
});
