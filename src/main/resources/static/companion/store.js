/** What this phone remembers; see ground.js. */
import './ground.js';

const { store } = globalThis.ground;

/** Asks the browser not to tidy the keys away when the disk is full. */
export const keepForGood = () => navigator.storage?.persist?.().catch(() => false);

export { store };
