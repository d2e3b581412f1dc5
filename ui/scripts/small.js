/* Print buttons, focus on the error summary, slashes in dates. */
export function small(document) {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  document.getElementById("error-summary")?.focus();
  for (const input of document.querySelectorAll("input[data-date]")) {
    input.inputMode = "numeric";
    input.addEventListener("input", (event) => {
      const atEnd = input.selectionStart === input.value.length;
      if (event.inputType === "insertText" && atEnd && /^(\d\d|\d\d\/\d\d)$/.test(input.value)) input.value += "/";
    });
  }
}
