// Long pages on a phone: what is not asked first is folded there, opens by tap or key, and prints whole.
// Without this script everything stands open.
(() => {
  "use strict";
  const folds = () => document.querySelectorAll("details.fold");
  if (matchMedia("(max-width: 40rem)").matches) folds().forEach((one) => one.removeAttribute("open"));

  let shut = [];
  addEventListener("beforeprint", () => {
    shut = [...folds()].filter((one) => !one.open);
    shut.forEach((one) => one.setAttribute("open", ""));
  });
  addEventListener("afterprint", () => {
    shut.forEach((one) => one.removeAttribute("open"));
    shut = [];
  });
})();
