"use strict";
(() => {
  const form = document.getElementById("filter");
  const table = document.getElementById("findings");
  const shown = document.getElementById("shown");
  const rows = [...table.tBodies[0].rows].map((row) => ({
    row,
    severity: row.dataset.severity,
    category: row.dataset.category,
    text: row.textContent.toLowerCase(),
  }));
  const number = new Intl.NumberFormat("en");
  const apply = () => {
    const severities = new Set([...form.querySelectorAll("[name=severity]:checked")].map((box) => box.value));
    const category = form.elements.category ? form.elements.category.value : "";
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const one of rows) {
      const fits =
        severities.has(one.severity) &&
        (!category || one.category === category) &&
        words.every((word) => one.text.includes(word));
      if (one.row.hidden === fits) one.row.hidden = !fits;
      if (fits) count += 1;
    }
    shown.textContent = `${number.format(count)} of ${number.format(rows.length)} shown`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  apply();
})();
