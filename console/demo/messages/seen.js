// @ts-check
/**
 * When a message has really been seen: half of it inside the window, in a visible tab, not behind a modal dialog,
 * for half a second without a break.
 */

const SHARE = 0.5;
const FOR_MS = 500;

/** @type {Map<Element, {callback: () => void, inside: boolean, timer: number}>} */
const watched = new Map();

const observer = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      const watch = watched.get(entry.target);
      if (!watch) continue;
      // A message taller than the window can never show half of itself: then half the window is enough.
      const share = entry.intersectionRect.height / Math.min(entry.boundingClientRect.height, innerHeight);
      watch.inside = entry.isIntersecting && share >= SHARE;
    }
    judge();
  },
  { threshold: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1] },
);
document.addEventListener("visibilitychange", judge);

/**
 * Call back once when the element has been seen.
 * @param {Element} node
 * @param {() => void} callback
 * @returns {() => void} stops watching
 */
export function whenSeen(node, callback) {
  watched.set(node, { callback, inside: false, timer: 0 });
  observer.observe(node);
  return () => forget(node);
}

/** Look again, after a dialog opened or closed. */
export function judge() {
  const dialog = document.querySelector("dialog[open]");
  for (const [node, watch] of watched) {
    const visible = watch.inside && !document.hidden && (!dialog || dialog === node);
    if (!visible) {
      clearTimeout(watch.timer);
      watch.timer = 0;
    } else if (!watch.timer) {
      watch.timer = setTimeout(() => {
        forget(node);
        watch.callback();
      }, FOR_MS);
    }
  }
}

/** @param {Element} node */
function forget(node) {
  clearTimeout(watched.get(node)?.timer);
  watched.delete(node);
  observer.unobserve(node);
}
