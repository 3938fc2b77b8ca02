/** JSON from another computer: bounded, and nothing in it that could change objects of ours. */
import { messageOf, UserError } from '../../base/errors.ts'
import { parseJsonInSlices } from '../../base/json-slices.ts'
import { inSteps } from '../../base/steps.ts'
import { isDeeperThan } from '../http/json-depth.ts'
import { LIMITS, refused } from './archive/index.ts'

const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/** @throws UserError move-in-refused: not JSON, not UTF-8, nested too deep */
export async function jsonOf(path: string, given: Buffer): Promise<unknown> {
  const bytes = given.subarray(0, 3).equals(BOM) ? given.subarray(3) : given
  if (await inSteps(isDeeperThan(LIMITS.jsonDepth, bytes))) throw refused('json-deep', `${path} is nested more than ${LIMITS.jsonDepth} levels deep.`, path)
  try {
    return await parseJsonInSlices(bytes)
  } catch (cause) {
    throw refused('not-json', `${path} is not JSON (${messageOf(cause)}).`, path, cause)
  }
}

/** The same where a broken file is passed over. */
export async function jsonIfReadable(path: string, bytes: Buffer | undefined): Promise<unknown> {
  if (!bytes) return undefined
  try {
    return await jsonOf(path, bytes)
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}

export type Rec = Record<string, unknown>
export const isRecord = (value: unknown): value is Rec => typeof value === 'object' && value !== null && !Array.isArray(value)
/** What stands there, without what every object has. */
export const own = (value: unknown, key: string): unknown => (isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined)
export const textIn = (value: unknown, key: string): string | undefined => {
  const found = own(value, key)
  return typeof found === 'string' ? found : undefined
}
export const recordsIn = (value: unknown, key: string): Rec[] => {
  const found = own(value, key)
  return Array.isArray(found) ? found.filter(isRecord) : []
}
