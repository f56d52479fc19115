// What is typed and not saved yet, kept on this device: an entry for each opened page, named
// "person/record/section/page", with each text and the version that it started from. A database of the browser, since
// its simpler store is written late: of a browser that was killed it would lose the last seconds. What waits to be sent
// (`queue.js`), with what is attached to it, is kept here too.
const NAME = "operation-records";
const STORE = "kept";
const ANSWER = 150;
let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function within(mode, act) {
  const base = await open();
  return new Promise((resolve, reject) => {
    const work = base.transaction(STORE, mode);
    const asked = act(work.objectStore(STORE));
    work.oncomplete = () => resolve(asked.result);
    work.onerror = work.onabort = () => reject(work.error);
  });
}

export const keep = (id, entry) => within("readwrite", (store) => store.put(entry, id));
export const held = (id) => within("readonly", (store) => store.get(id));
export const drop = (id) => within("readwrite", (store) => store.delete(id));
export const forgetAll = () => within("readwrite", (store) => store.clear());

// The entries whose name begins with `prefix`, as [name, entry], of pages that are no longer open: those that are say so
// on `channel`. Without the one named `own`.
export async function leftBehind(prefix, own, channel) {
  const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
  const names = await within("readonly", (store) => store.getAllKeys(range));
  const entries = await within("readonly", (store) => store.getAll(range));
  const open = names.length ? await stillOpen(channel) : new Set();
  return names.map((name, at) => [name, entries[at]]).filter(([name]) => name !== own && !open.has(name));
}

async function stillOpen(channel) {
  const found = new Set();
  const hear = ({ data }) => data.here && found.add(data.here);
  channel.addEventListener("message", hear);
  channel.postMessage({ who: true });
  await new Promise((done) => { setTimeout(done, ANSWER); });
  channel.removeEventListener("message", hear);
  return found;
}
