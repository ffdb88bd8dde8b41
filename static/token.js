// @ts-check
const KEY = "mtdn-token";

/**
 * The secret that this page was opened with. It is taken out of the address bar, where a screenshot or a shared screen would
 * show it and the history would keep it, and kept for this tab, so that a reload finds it.
 *
 * @returns {string} Empty if there is none.
 */
export function takeToken() {
  const address = new URL(location.href);
  const given = address.searchParams.get("token");
  try {
    if (given === null) return sessionStorage.getItem(KEY) ?? "";
    sessionStorage.setItem(KEY, given);
  } catch {
    return given ?? ""; // a browser that keeps nothing needs the address for a reload
  }
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
  return given;
}
