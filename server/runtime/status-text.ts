/**
 * Node-RED's own nodes say their status by key (`common.status.connected`, `node-red:common.status.connected`), which the stock
 * editor looks up in the catalogue of the node's module (@node-red/editor-client, red.js, `status/#`).
 */
const KEY = /^(?:([@\w/-]+):)?[\w-]+(?:\.[\w-]+)+$/

/** The words for a key that a catalogue has; any other text as it is. @param translate finds words by namespace and key, or gives the key back */
export function statusText(text: string, translate: (key: string) => string): string {
  const key = KEY.exec(text)
  if (!key) return text
  const asked = key[1] === undefined ? `node-red:${text}` : text
  const words = translate(asked)
  // what no catalogue has comes back as it was asked for, without its namespace
  return words === '' || words === asked || words === asked.slice(asked.indexOf(':') + 1) ? text : words
}
