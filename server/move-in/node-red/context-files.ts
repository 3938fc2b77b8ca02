/**
 * Context that the store "localfilesystem" kept: `context/global/global.json`, `context/<flow>/flow.json`,
 * `context/<flow>/<node>.json`, each an object of values by key (@node-red/runtime 5.0 lib/nodes/context/localfilesystem.js; so since 0.19).
 */
import type { Files } from '../archive/index.ts'
import { isRecord, jsonIfReadable } from '../json.ts'

export interface ContextValue {
  scope: 'global' | 'flow' | 'node'
  /** The flow, or the node's flow. */
  flow?: string
  node?: string
  key: string
  value: unknown
}

const FILE = /^([^/]+)\/([^/]+)\.json$/
/** What a context key can be as it is; others would be read as a path. */
const KEY = /^[A-Za-z_$][\w$]{0,99}$/

/** @param folders where stores lie, with `/` at their end */
export async function readContext(files: Files, folders: readonly string[]): Promise<{ values: ContextValue[]; unread: string[] }> {
  const values: ContextValue[] = []
  const unread: string[] = []
  for (const [path, bytes] of files) {
    const folder = folders.find((each) => path.startsWith(each))
    const [, flow, name] = (folder === undefined ? null : FILE.exec(path.slice(folder.length))) ?? []
    if (flow === undefined || name === undefined) continue
    const content = await jsonIfReadable(path, bytes)
    if (!isRecord(content)) {
      unread.push(path)
      continue
    }
    for (const [key, value] of Object.entries(content)) {
      if (!KEY.test(key) || key === '__proto__') unread.push(`${path}: ${key.slice(0, 40)}`)
      else if (flow === 'global') values.push({ scope: 'global', key, value })
      else values.push(name === 'flow' ? { scope: 'flow', flow, key, value } : { scope: 'node', flow, node: name, key, value })
    }
  }
  return { values, unread }
}
