/** Names of the passwords and keys that are stored. */
import type { Secrets } from '../secrets/index.ts'
import type { Versions } from './versions.ts'

/** Which credentials are stored for each node: their names, never what they are. Undefined when they cannot be read. */
export async function credentialNames(versions: Pick<Versions, 'document'>, secrets: Pick<Secrets, 'open'>): Promise<Record<string, string[]> | undefined> {
  const sealed = await versions.document('credentials')
  if (typeof sealed !== 'string') return {}
  let sets: Record<string, unknown>
  try {
    sets = JSON.parse(secrets.open(sealed)) as Record<string, unknown>
  } catch {
    // under another key: the runtime says so where it matters
    return undefined
  }
  return Object.fromEntries(Object.entries(sets).map(([id, set]) => [id, typeof set === 'object' && set !== null ? Object.keys(set) : []]))
}
